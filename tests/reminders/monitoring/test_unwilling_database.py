"""A database that takes nothing, or does not answer: no reminder can go out, and the admins hear of it all the same."""

import datetime as dt
import threading
from uuid import UUID

import pytest
from django.db import connection, transaction

from caseapp.accounts.models import Door
from caseapp.reminders import recipients, tasks
from caseapp.reminders.monitoring import health_thread, status
from caseapp.reminders.monitoring.health_thread import HealthWatch
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.database_down import answers_nothing, takes_nothing
from tests.helpers.smtp import Box
from tests.reminders.cast import Clock, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)
HARBOR, RIVER = UUID(int=0xA1), UUID(int=0xA2)
EIGHT = dt.datetime(2026, 12, 7, 8, 0, tzinfo=dt.UTC)
ADMINS = {"ana@harbor.test", "ben@harbor.test", "chi@river.test"}


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(status, "_unwritten", {})
    return stop_clock(monkeypatch, EIGHT)


@pytest.fixture
def watch(box: Box, time: Clock) -> HealthWatch:
    """What looks after two offices with three admins and a member who is none, on a morning when all is well."""
    people = ((HARBOR, "ana@harbor.test"), (HARBOR, "ben@harbor.test"), (RIVER, "chi@river.test"))
    for number, (org, address) in enumerate((*people, (RIVER, "dee@river.test"))):
        member = UUID(int=0xB0 + number)
        Door.objects.create(tag=address.encode(), org_id=org, member_id=member)
        with office_transaction(org):
            recipients.set_address(org, member, address=address, language="en", zone="UTC", admin=address in ADMINS)
    with acting_as("clock"):
        tasks.merge_plans()
        tasks.send_due()
    seen = HealthWatch(ask=lambda question: question())
    with acting_as("web"):
        assert seen.look()
    box.letters.clear()
    return seen


def _told(box: Box) -> list[str]:
    told = sorted(str(letter["To"]) for letter in box.letters)
    assert {letter["Subject"] for letter in box.letters} <= {"Reminders may not be going out"}
    box.letters.clear()
    return told


def test_every_admin_is_told_once_in_six_hours_although_no_line_can_be_written(
    watch: HealthWatch, box: Box, time: Clock
) -> None:
    with acting_as("web"), takes_nothing():
        time.pass_by(minutes=40)
        assert not watch.look()
        assert status.warn_admins() == 3
        assert _told(box) == sorted(ADMINS)
        time.pass_by(minutes=5)
        assert status.warn_admins() == 0
        time.pass_by(hours=6)
        assert status.warn_admins() == 3
        assert _told(box) == sorted(ADMINS)


def test_an_address_refused_for_good_is_passed_over_although_that_cannot_be_noted(
    watch: HealthWatch, box: Box, time: Clock
) -> None:
    box.refuse_to = {"ana@harbor.test"}
    with acting_as("web"), takes_nothing():
        time.pass_by(minutes=40)
        assert status.warn_admins() == 2
    assert _told(box) == ["ben@harbor.test", "chi@river.test"]


def test_with_the_database_away_for_half_an_hour_the_admins_who_were_known_are_told(
    watch: HealthWatch, box: Box, time: Clock
) -> None:
    with acting_as("web"), answers_nothing():
        for _ in range(6):
            assert not watch.look()
            time.pass_by(minutes=5)
        assert _told(box) == []
        assert not watch.look()
        assert _told(box) == sorted(ADMINS)
        time.pass_by(minutes=5)
        watch.look()
        assert _told(box) == [], "once in six hours"
        time.pass_by(hours=6)
        watch.look()
        assert _told(box) == sorted(ADMINS)


def test_a_database_that_comes_back_in_between_begins_the_half_hour_anew(
    watch: HealthWatch, box: Box, time: Clock
) -> None:
    for _ in range(4):
        with acting_as("web"), answers_nothing():
            watch.look()
            time.pass_by(minutes=25)
            watch.look()
        with acting_as("clock"):
            tasks.merge_plans()
            tasks.send_due()
        with acting_as("web"):
            assert watch.look()
    assert _told(box) == []


def test_a_database_that_hangs_is_one_that_does_not_answer(
    watch: HealthWatch, box: Box, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = HealthWatch()
    assert seen.look()
    monkeypatch.setattr(health_thread, "PATIENCE", 0.3)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reminders_heartbeat IN ACCESS EXCLUSIVE MODE")
        assert [seen.look(), seen.look()] == [False, False]
        time.pass_by(minutes=31)
        cursor.execute("LOCK TABLE reminders_channel IN ACCESS EXCLUSIVE MODE")
        box.refuse_to = {"ana@harbor.test"}  # that this one is refused must not be noted: it would hang, too
        assert not seen.look()
        assert _told(box) == sorted(ADMINS - {"ana@harbor.test"})
    monkeypatch.setattr(health_thread, "PATIENCE", 30)
    with acting_as("clock"):
        tasks.merge_plans()
        tasks.send_due()
    assert seen.look(), "the question that hung was answered, and the next one is asked"


def test_the_thread_outlives_what_nobody_foresaw(
    watch: HealthWatch, box: Box, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, stop = [], threading.Event()

    def look(self: HealthWatch) -> bool:
        looks.append(1)
        if len(looks) == 3:
            stop.set()
        raise ZeroDivisionError

    monkeypatch.setattr(HealthWatch, "look", look)
    monkeypatch.setattr(health_thread, "FIRST_LOOK", 0.01)
    monkeypatch.setattr(health_thread, "LOOK_EVERY", 0.01)
    health_thread.watch_health(stop)
    assert len(looks) == 3


def test_what_a_question_raises_reaches_whoever_asked() -> None:
    asking = health_thread.ThreadedQuery()
    with pytest.raises(ZeroDivisionError):
        asking(lambda: 1 // 0)
    assert asking(lambda: "yes") == "yes"


def test_an_admin_who_was_made_one_within_the_hour_is_known(watch: HealthWatch, box: Box, time: Clock) -> None:
    with office_transaction(RIVER):
        recipients.set_address(RIVER, UUID(int=0xB3), address="dee@river.test", language="en", zone="UTC", admin=True)
    time.pass_by(minutes=61)
    with acting_as("clock"):
        tasks.merge_plans()
        tasks.send_due()
    with acting_as("web"):
        assert watch.look()
        with answers_nothing():
            watch.look()
            time.pass_by(minutes=31)
            watch.look()
    assert _told(box) == sorted({*ADMINS, "dee@river.test"})
