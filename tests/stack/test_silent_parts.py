"""With nobody signed in: beat stops for a day, then the whole database hangs. The admins hear of both by mail."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from caseapp.tools.pytest_plugin import run_caseapp
from tests.stack.conftest import START, Office, running_office

pytestmark = pytest.mark.stack
ALARM = "Reminders may not be going out"


@contextmanager
def _stopped(office: Office, name: str) -> Iterator[None]:
    """SIGSTOP: the process and its children are there and do nothing, so that nobody starts them anew."""
    parent = office.stack.pid_of(name)
    # The parent first, then whom it has: it makes no new ones meanwhile.
    os.kill(parent, signal.SIGSTOP)
    everybody = [parent, *_children(parent)]
    for pid in everybody:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(everybody):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _until(true: Callable[[], bool], *, seconds: float = 240, pause: float = 0.5) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it did not come about"
        time.sleep(pause)


def _until_well(office: Office) -> None:
    """Ask at intervals: each answer of the doctor costs a new process and a second of both cores."""
    _until(lambda: _is_well(office), pause=3)


def _alarms(office: Office) -> set[str]:
    return {str(letter["Message-ID"]) for letter in list(office.box.letters) if letter["Subject"] == ALARM}


def _doctor(office: Office) -> tuple[int, str]:
    """Exit code and what it says, by the office's clock."""
    seen = run_caseapp("doctor", root=office.stack.root, CASEAPP_CLOCK_FILE=str(office.clock_file))
    return seen.returncode, seen.stdout


def _is_well(office: Office) -> bool:
    if office.visitor.get("/readyz").status != 200:
        return False
    code, said = _doctor(office)
    heard = [line for line in said.splitlines() if "housekeeping" not in line]  # it runs at night
    return code == 0 and not any("not yet" in line for line in heard)  # every other part was heard of


def test_beat_that_stops_and_a_database_that_hangs_are_told_to_the_admins() -> None:
    with running_office(CASEAPP_WATCH_EVERY="3") as office:
        office.visitor.found_office()
        _until_well(office)
        assert _alarms(office) == set()
        with _stopped(office, "beat"):
            office.set_clock(START + timedelta(days=1))
            _until(lambda: bool(_alarms(office)))
            code, said = _doctor(office)
            assert code != 0
            assert "beat" in said
            ready = office.visitor.get("/readyz")
            assert ready.status == 503
            assert "beat" in ready.text
        assert len(_alarms(office)) == 1, "each web process looks, and one of them tells"
        _until_well(office)
        office.box.letters.clear()
        with _stopped(office, "postgres"):
            office.set_clock(START + timedelta(days=1, hours=1))  # the first look that gets no answer
            time.sleep(12)
            assert _alarms(office) == set(), "not before half an hour"
            office.set_clock(START + timedelta(days=1, hours=1, minutes=40))
            _until(lambda: bool(_alarms(office)))
        assert {str(letter["To"]) for letter in office.box.letters} == {"ana@office.test"}
        _until_well(office)
        assert office.visitor.get("/healthz").status == 200
