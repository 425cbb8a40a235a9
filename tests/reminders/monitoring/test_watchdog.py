"""Who notices silence: the web process looks by itself, as its own role, and tells the admins without the queue."""

import datetime as dt
import threading
from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.accounts.models import Door
from caseapp.casefile import tasks as tasks_casefile
from caseapp.reminders import choices, heartbeat, recipients, tasks
from caseapp.reminders.monitoring import health_thread, status
from caseapp.reminders.planning import outbox
from caseapp.reminders.recipients import ReminderAddress
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import Clock, stop_clock
from tests.reminders.gateway import gateway

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ADMIN, STAFF = UUID(int=0x91), UUID(int=0x92), UUID(int=0x93)
EIGHT = dt.datetime(2026, 12, 7, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch, EIGHT)


@pytest.fixture
def box(box: Box, time: Clock) -> Box:
    """The mail server of an office with an admin and a member."""
    Door.objects.create(tag=b"watchdog", org_id=ORG, member_id=ADMIN)
    with office_transaction(ORG):
        for member, name in ((ADMIN, "ana"), (STAFF, "ben")):
            recipients.set_address(
                ORG, member, address=f"{name}@office.test", language="es", zone="UTC", admin=member == ADMIN
            )
    return box


def _a_minute_of_the_clock() -> None:
    with acting_as("clock"):
        tasks.merge_plans()
        tasks.send_due()
        tasks.send_self_tests()
        tasks_casefile.run_housekeeping()


def test_all_is_well_while_the_clock_rings(box: Box, time: Clock) -> None:
    for _ in range(3):
        _a_minute_of_the_clock()
        time.pass_by(minutes=10)
    assert status.current().is_healthy
    assert box.subjects() == ["Prueba diaria"]


@pytest.mark.parametrize(
    ("silent", "late"), [("beat", "beat"), ("worker", "worker"), ("claim", "claim"), ("merge", "merge")]
)
def test_each_part_that_falls_silent_is_named(box: Box, time: Clock, silent: str, late: str) -> None:
    _a_minute_of_the_clock()
    time.pass_by(minutes=31)
    for part in status.PARTS:
        if part != silent:
            heartbeat.beat(part)
    if silent != "merge":
        with acting_as("clock"):
            outbox.merge()
    assert status.current().late == (late,)


def test_a_mail_server_that_takes_nothing_for_an_hour_is_named_until_it_takes_a_letter(box: Box, time: Clock) -> None:
    _a_minute_of_the_clock()
    with office_transaction(ORG):
        recipients.set_level(ORG, "constant")
    time.pass_by(days=1)
    box.refuse = True
    for _ in range(3):
        _a_minute_of_the_clock()
        assert "mail" not in status.current().late
        time.pass_by(minutes=20)
    time.pass_by(minutes=1)
    _a_minute_of_the_clock()
    assert status.current().late == ("mail",)
    assert status.is_unreliable(ORG), "Today says so"
    box.refuse = False
    time.pass_by(minutes=61)
    _a_minute_of_the_clock()
    assert status.current().is_healthy


def test_while_mail_is_away_the_worker_tells_admins_by_another_address_and_does_not_wait_for_mail(
    box: Box, time: Clock
) -> None:
    heartbeat.begin_condition(choices.MAIL_UNAVAILABLE)
    box.refuse = True
    time.pass_by(hours=2)
    with acting_as("clock"):
        assert status.warn_of_mail_outage() == 0, "the only admin has no other address"
    with gateway() as phone, office_transaction(ORG):
        other = ReminderAddress(kind="text", address=phone.address(), shown="json")
        recipients.change_settings(ORG, ADMIN, lambda ways: replace(ways, others=(other,)))
        with acting_as("clock"):
            assert [status.warn_of_mail_outage(), status.warn_of_mail_outage()] == [1, 0]
        assert len(phone.taken) == 1
    assert box.tried == 0


def test_a_self_test_that_did_not_go_out_for_a_day_is_named(box: Box, time: Clock) -> None:
    _a_minute_of_the_clock()
    box.refuse = True
    time.pass_by(hours=27)
    _a_minute_of_the_clock()
    assert status.current().late == ("self-test",)


def test_nothing_ever_heard_of_is_late_half_an_hour_after_the_start(time: Clock) -> None:
    time.pass_by(minutes=29)
    assert set(status.current().late) == {"merge"}
    time.pass_by(minutes=2)
    assert set(status.current().late) == {"beat", "worker", "claim", "merge"}


def test_the_webs_own_role_may_tell_the_admins_and_tells_only_them(box: Box, time: Clock) -> None:
    _a_minute_of_the_clock()
    box.letters.clear()
    time.pass_by(minutes=40)
    with acting_as("web"):
        assert [status.warn_admins(), status.warn_admins()] == [1, 0]
    (letter,) = box.letters
    assert letter["To"] == "ana@office.test"
    assert letter["Subject"] == "Puede que los recordatorios no salgan"


def test_the_thread_of_the_web_process_mails_when_beat_has_died(
    box: Box, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _a_minute_of_the_clock()
    box.letters.clear()
    time.pass_by(minutes=40)
    monkeypatch.setattr(health_thread, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(health_thread, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(health_thread, "LOOK_AGAIN", 0.01)
    stop, told = threading.Event(), threading.Event()
    warn = status.warn_admins

    def warn_and_tell() -> int:
        sent = warn()
        told.set()
        return sent

    monkeypatch.setattr(status, "warn_admins", warn_and_tell)
    looking = threading.Thread(target=health_thread.watch_health, args=(stop,))
    looking.start()
    assert told.wait(timeout=30)
    stop.set()
    looking.join()
    assert box.subjects() == ["Puede que los recordatorios no salgan"]


def test_what_only_seemed_late_for_a_moment_alarms_nobody(box: Box, time: Clock) -> None:
    _a_minute_of_the_clock()
    box.letters.clear()
    time.pass_by(hours=2)  # the clock was set; the next ring comes within a minute
    assert not status.current().is_healthy
    _a_minute_of_the_clock()
    assert status.warn_admins() == 0
    assert box.letters == []
