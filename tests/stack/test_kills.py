"""kill -9 at random moments: no acknowledged save is lost, no reminder goes twice or never.

`CASEAPP_KILLS` sets how often each process is killed (default 3 here; `make soak` does 100).
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException

import pytest

from tests.helpers.visitor import Visitor
from tests.stack.conftest import START, Office

KILLS = int(os.environ.get("CASEAPP_KILLS", "3"))
NOTES = 200  # in one case, then another is opened: a long run does not become a test of one endless case
VICTIMS = ("web", "worker", "beat", "postgres")
pytestmark = pytest.mark.stack


def test_kills_at_random_lose_no_acknowledged_save_and_no_reminder(office: Office) -> None:
    visitor = office.visitor
    visitor.found_office()
    visitor.set_up_recovery()  # more than one case follows
    case = visitor.new_case("Farid Karimi")
    acknowledged: list[tuple[str, str]] = []
    stop = threading.Event()
    writer = threading.Thread(target=_write_notes, args=(visitor, case, acknowledged, stop))
    writer.start()
    chance = random.Random(20261124)
    try:
        _kill_each(office, chance, acknowledged)
    finally:
        stop.set()
        writer.join(60)
    _wait(lambda: visitor.get("/readyz").status == 200)
    assert len(acknowledged) > len(VICTIMS) * KILLS, "between two kills something was saved"
    assert _missing(visitor, acknowledged) == []
    _reminders_come_once(office, visitor, case, chance)


def _kill_each(office: Office, chance: random.Random, acknowledged: list[tuple[str, str]]) -> None:
    """Each process KILLS times, each time a process that had come back since, while saves go through in between."""
    left = dict.fromkeys(VICTIMS, KILLS)
    killed: dict[str, int] = {}
    give_up = time.monotonic() + 60 * KILLS
    while left:
        assert time.monotonic() < give_up, f"these did not come back in time: {left}"
        _some_are_saved(acknowledged, chance.randint(1, 6))
        time.sleep(chance.uniform(0, 0.1))
        victim = chance.choice(sorted(left))
        pid = office.stack.pid_of(victim)
        if pid and pid != killed.get(victim) and _kill(office, victim):
            killed[victim] = pid
            left[victim] -= 1
            left = {name: count for name, count in left.items() if count}


def _some_are_saved(acknowledged: list[tuple[str, str]], count: int) -> None:
    """Wait until `count` further notes were acknowledged: the next kill then falls somewhere into the one after."""
    enough = len(acknowledged) + count
    _wait(lambda: len(acknowledged) >= enough, pause=0.01)


def _write_notes(visitor: Visitor, case: str, acknowledged: list[tuple[str, str]], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        text = f"note number {number:05d} is here"
        with suppress(OSError, HTTPException, AssertionError):  # a killed web answers nobody, a killed database 503
            if number % NOTES == 0:
                case = visitor.new_case(f"Farid Karimi {number}")
            if visitor.post(f"{case}notes/new/", {"text": text}).status == 303:
                acknowledged.append((case, text))
        stop.wait(0.01)


def _missing(visitor: Visitor, acknowledged: list[tuple[str, str]]) -> list[str]:
    pages = {
        case: visitor.get_all_pages(f"{case}all/activity/") for case in dict.fromkeys(case for case, _ in acknowledged)
    }
    print(f"{len(acknowledged)} acknowledged notes in {len(pages)} cases are all there")
    return [text for case, text in acknowledged if text not in pages[case]]


def _reminders_come_once(office: Office, visitor: Visitor, case: str, chance: random.Random) -> None:
    """Three tasks' days planned by hand as deadlines; worker, beat and database are killed while they are sent."""
    due = {"due_on_day": "15", "due_on_month": "1", "due_on_year": "2027"}
    added = visitor.post(
        f"{case}deadlines/new/", {"what": "Brief", "severity": "fatal", "reason": "briefing schedule", **due}
    )
    assert added.status == 303, added.text
    _wait(lambda: _merged(office))
    office.box.letters.clear()
    office.set_clock(START + timedelta(days=60))  # past every planned day: what was missed comes as one message
    give_up = time.monotonic() + 150
    while time.monotonic() < give_up and not _reminders(office):
        _kill(office, chance.choice(("worker", "beat", "postgres")))
        time.sleep(chance.uniform(3, 12))
    _wait(lambda: bool(_reminders(office)))
    time.sleep(5)
    ids = _reminders(office)
    # Sent again only if a process died between the server's 250 and the mark, and then under the same Message-ID.
    assert len(set(ids)) == 1
    print(f"repeats under the same Message-ID: {len(ids) - 1}")


def _reminders(office: Office) -> list[str]:
    return [str(x["Message-ID"]) for x in list(office.box.letters) if x["Subject"] == "Check your list"]


def _merged(office: Office) -> bool:
    import psycopg

    with psycopg.connect(office.stack.database_url("clock")) as connection:
        row = connection.execute("SELECT count(*) FROM reminders_fire").fetchone()
    return bool(row and row[0])


def _kill(office: Office, name: str) -> bool:
    """kill -9 of the process the supervisor started under this name; False when it is not there just now."""
    pid = office.stack.pid_of(name)
    if not pid:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _wait(done: Callable[[], bool], seconds: float = 150, pause: float = 0.3) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        with suppress(OSError, HTTPException):
            if done():
                return
        time.sleep(pause)
    raise AssertionError("it did not come about in time")
