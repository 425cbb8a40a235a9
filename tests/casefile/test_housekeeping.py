"""The hourly clean-up: a step that fails stops no other, and the doctor names it until it has run again."""

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError

from caseapp.casefile import file_storage
from caseapp.casefile.upkeep import housekeeping
from caseapp.cli import doctor
from caseapp.cli.doctor import Unhealthy
from caseapp.lib import clock
from caseapp.reminders import heartbeat
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [step.name for step in housekeeping.STEPS]


def run() -> None:
    with acting_as("clock"):
        housekeeping.delete_expired()


@pytest.mark.parametrize("problem", [OSError("a name"), DatabaseError("a name"), KeyError("a name")])
def test_a_failing_step_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    def fails(*_: object) -> None:
        raise problem

    monkeypatch.setattr(file_storage, "delete_abandoned", fails)
    housekeeping.log.addHandler(caplog.handler)
    with caplog.at_level(logging.ERROR):
        run()
    housekeeping.log.removeHandler(caplog.handler)
    done = {name for name in NAMES if f"{housekeeping.DONE}{name}" in heartbeat.last_seen()}
    assert done == set(NAMES) - {"uploads"}
    assert "housekeeping.failed step=uploads" in caplog.text
    assert "a name" not in caplog.text


def test_the_doctor_names_a_failed_step_until_it_has_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._check_housekeeping() == "not yet"
    with monkeypatch.context() as broken:
        broken.setattr(server_keys, "destroy_old_plan_keys", lambda *_: 1 / 0)
        run()
    with pytest.raises(Unhealthy, match=r"failed: plan keys \(0 min ago\)"):
        doctor._check_housekeeping()
    run()
    assert doctor._check_housekeeping() == ", ".join(f"{name} 0 min ago" for name in NAMES)


def test_the_doctor_names_what_was_not_done_for_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=4))
    with pytest.raises(Unhealthy, match="not done for 3 hours: fire rows"):
        doctor._check_housekeeping()


def test_the_name_of_each_step_fits_its_heartbeat() -> None:
    assert all(len(f"{housekeeping.FAILED}{name}") <= 20 for name in NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_the_halves_that_a_killed_drill_left_are_destroyed_a_day_later() -> None:
    """Of a case that is destroyed meanwhile they would be the last ones. A drill that is under way keeps its own."""
    half = Path(settings.DATA_FOLDER) / "drill" / "secrets" / "shred" / "cases" / "5a"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"x" * 32)
    linked = half.with_name("linked")
    os.link(half, linked)  # another look at the same bytes on the disk
    seen = linked.open("rb")
    run()
    assert half.exists()
    yesterday = (clock.now() - timedelta(hours=25)).timestamp()
    os.utime(Path(settings.DATA_FOLDER) / "drill", (yesterday, yesterday))
    run()
    assert not (Path(settings.DATA_FOLDER) / "drill").exists()
    with seen:
        assert seen.read() not in {b"", b"x" * 32}, "it was overwritten, not only unlinked"
