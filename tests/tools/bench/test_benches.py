"""The benches of sign-in time and memory measure what they say. No figure is judged here: machines differ."""

import subprocess
import sys
from uuid import UUID

import pytest

from caseapp.accounts.models import Door
from caseapp.tools.bench import process_memory, timing
from caseapp.vault import shred_keys


def test_p_is_that_of_the_table() -> None:
    ones = [float(number) for number in range(50)]
    others = [number + 15.0 for number in ones]  # the widest distance is 15 of 50
    assert timing.kolmogorov_smirnov(ones, others) == pytest.approx(0.0171, abs=0.0002)


def test_p_is_one_for_the_same_times_and_nothing_for_times_that_never_meet() -> None:
    times = [1.0, 1.5, 1.5, 2.0] * 20
    assert timing.kolmogorov_smirnov(times, list(reversed(times))) == 1.0
    assert timing.kolmogorov_smirnov(times, [time + 3 for time in times]) < 1e-12


@pytest.mark.django_db
def test_pairs_are_measured_and_nothing_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "UNCOUNTED", 0)
    made: list[UUID] = []
    new = shred_keys.new

    def noted(of: shred_keys.OwnerKind, owner: UUID) -> bytes:
        made.append(owner)
        return new(of, owner)

    monkeypatch.setattr(shred_keys, "new", noted)
    figures = timing.run(pairs=2)
    assert [figure["unit"] for figure in figures] == ["p", "ms"]
    assert not Door.objects.exists()
    assert made
    for owner in made:
        with pytest.raises(shred_keys.Shredded):
            shred_keys.read_half("members", owner)


def test_memory_counts_a_process_and_what_it_started() -> None:
    """A shell's child holds 50 MB. (This process frees and takes memory of its own at any time.)"""
    holds = "held = bytearray(b'x' * 50_000_000); print('held', flush=True); input()"
    shell = ["/bin/sh", "-c", '"$0" -c "$1"; exit $?', sys.executable, holds]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stdout.readline() == "held\n"
        held = process_memory.memory_mb(started.pid)
        started.communicate("\n", timeout=20)
    assert 50 < held < 150
    assert process_memory.memory_mb(started.pid) == 0
