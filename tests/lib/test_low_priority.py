"""Key derivation leaves the processor to pages."""

import os
import sys
import threading

import pytest

from caseapp.lib import low_priority
from caseapp.vault.core import bundle

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority of one thread")


def own_priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@ON_LINUX
def test_slow_work_runs_at_low_priority_and_its_caller_keeps_its_own() -> None:
    before = own_priority()
    assert low_priority.run(own_priority) == low_priority.NICENESS
    assert own_priority() == before


@ON_LINUX
def test_a_passphrase_is_derived_at_low_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def derive_and_look(*_: object) -> bytes:
        seen.append(own_priority())
        return b"k" * 32

    monkeypatch.setattr(bundle, "hash_secret_raw", derive_and_look)
    assert bundle.derive("lantern meadow", b"s" * 16, bundle.Kdf()) == b"k" * 32
    assert seen == [low_priority.NICENESS]


def test_an_error_of_slow_work_reaches_its_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        low_priority.run(divmod, 1, 0)
