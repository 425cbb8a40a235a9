"""Nothing goes missing unseen: at a sign-in by the group's keys, every night without them."""

import datetime as dt
import http.server
import os
import threading
from collections.abc import Generator
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import tasks as tasks_casefile
from caseapp.casefile.upkeep import reminder_reconciliation
from caseapp.cases.services import cases
from caseapp.cli import doctor
from caseapp.deadlines.services import acts
from caseapp.reminders import address_states, heartbeat, queries, recipients, tasks
from caseapp.reminders.monitoring import status as watchdog
from caseapp.reminders.monitoring import uptime_ping
from caseapp.reminders.planning import checks, plan, reassignment
from caseapp.reminders.planning import outbox as outbox_planning
from caseapp.reminders.planning.plan import Series
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.smtp import Box
from tests.reminders.cast import DAY, Clock, merge, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
DUE = dt.date(2027, 1, 8)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    return stop_clock(monkeypatch, NOON)


@pytest.fixture
def doctors_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor looks into the database of the tests."""
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    monkeypatch.setenv("DATABASE_URL", here.geturl())


def _brief(staff: Staff) -> UUID:
    case_id = cases.open_case(staff, cases.NewCase(name="Leila Hosseini"))
    return acts.set_by_hand(staff, case_id, what="Brief", due_on=DUE, severity="fatal", reason="schedule")


def _reconcile(staff: Staff) -> reminder_reconciliation.ReconcileResult:
    with acting_as("web"), office_transaction(staff.org_id):
        return reminder_reconciliation.reconcile(staff.keys, budget=60)  # however slow this machine is


def _lose(staff: Staff, *days: dt.date) -> None:
    """As no program of ours does: rows that are gone."""
    places = [queries.day_lookup(staff.org_id, staff.member_id, day) for day in days]
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM reminders_fire WHERE lookup = ANY(%s)", [places])
        assert cursor.rowcount == len(days)


def _nightly(staff: Staff) -> checks.CensusFindings | None:
    with acting_as("clock"):
        return checks.run_census().get(staff.org_id)


def test_with_everything_in_place_nothing_is_missing(attorney: Staff, time: Clock) -> None:
    _brief(attorney)
    time.moment += HOUR
    merge()
    assert _reconcile(attorney) == reminder_reconciliation.ReconcileResult(1, 0, is_done=True)
    assert "missing" not in heartbeat.last_seen()


def test_a_reminder_that_is_gone_is_put_back_at_the_next_sign_in_and_told(
    attorney: Staff, time: Clock, box: Box
) -> None:
    _brief(attorney)
    time.moment += HOUR
    merge()
    _lose(attorney, DUE, dt.date(2027, 1, 5))
    assert _reconcile(attorney).missing == 2
    with office_transaction(attorney.org_id):
        assert watchdog.is_unreliable(attorney.org_id)
    with acting_as("web"), office_transaction(UUID(int=5)):
        assert checks.count_missing_since(NOON) == 0, "another office has nothing to look for"
    with acting_as("clock"):
        assert [watchdog.warn_of_missing(), watchdog.warn_of_missing()] == [1, 0]
    assert box.subjects() == ["Reminders may not be going out"]
    time.moment += HOUR
    merge()
    time.moment += DAY
    merge()
    assert _reconcile(attorney).missing == 0


def test_a_look_whose_repair_was_not_committed_is_done_again(attorney: Staff, time: Clock) -> None:
    _brief(attorney)
    time.moment += HOUR
    merge()
    _lose(attorney, DUE, dt.date(2027, 1, 5))
    with acting_as("web"), office_transaction(attorney.org_id):
        assert reminder_reconciliation.reconcile(attorney.keys).missing == 2
        transaction.set_rollback(True)
    assert _reconcile(attorney) == reminder_reconciliation.ReconcileResult(1, 2, is_done=True)
    assert _reconcile(attorney) == reminder_reconciliation.ReconcileResult(0, 0, is_done=True)


def test_a_plan_not_merged_yet_is_not_missing(attorney: Staff, time: Clock) -> None:
    merge()
    _brief(attorney)
    assert _reconcile(attorney).missing == 0
    time.moment += dt.timedelta(minutes=6)
    assert _reconcile(attorney).missing == 0, "saved after the last merge"


def test_what_was_done_or_withdrawn_is_not_missed(attorney: Staff, time: Clock) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Leila Hosseini"))
    brief = acts.set_by_hand(attorney, case_id, what="Brief", due_on=DUE, severity="fatal", reason="schedule")
    acts.waive_deadline(attorney, case_id, brief, reason="decided", version=1)
    time.moment += HOUR
    merge()
    assert _reconcile(attorney).missing == 0


def test_a_call_looks_at_a_few_cases_and_a_day_at_all_of_them_once(
    attorney: Staff, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminder_reconciliation, "AT_ONCE", 15)
    for number in range(reminder_reconciliation.AT_ONCE + 3):
        cases.open_case(attorney, cases.NewCase(name=f"Person {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number]}"))
    time.moment += HOUR
    merge()
    looks = [_reconcile(attorney) for _ in range(3)]
    assert [(look.cases, look.is_done) for look in looks] == [
        (reminder_reconciliation.AT_ONCE, False),
        (3, True),
        (0, True),
    ]
    time.moment += DAY
    merge()
    assert _reconcile(attorney).cases == reminder_reconciliation.AT_ONCE


def test_days_of_a_removed_colleague_are_looked_for_where_they_went(attorney: Staff, time: Clock) -> None:
    cast.colleague_of(attorney)
    with office_transaction(attorney.org_id):
        ben = next(
            one.member_id for one in recipients.of_office(attorney.org_id) if one.member_id != attorney.member_id
        )
    case_id = cases.open_case(attorney, cases.NewCase(name="Leila Hosseini"))
    cases.change_case(attorney, case_id, version=1, lead=ben)
    acts.set_by_hand(attorney, case_id, what="Brief", due_on=DUE, severity="fatal", reason="schedule")
    merge()
    with office_transaction(attorney.org_id):
        assert reassignment.redirect_member(attorney.org_id, ben) > 0
    time.moment += HOUR
    merge()
    assert _reconcile(attorney).missing == 0


def test_the_night_counts_and_finds_nothing_wrong_day_after_day(attorney: Staff, time: Clock, box: Box) -> None:
    _brief(attorney)
    for _ in range(45):
        time.moment += DAY
        with acting_as("clock"):
            outbox_planning.merge()
            rounds.send_due()
        found = _nightly(attorney)
        assert found is not None
        assert found.wrong_rows == 0, (time.moment, found)
    assert _nightly(attorney) is None, "once a night"


def test_the_night_notices_a_row_that_is_gone_without_any_members_key(attorney: Staff, time: Clock) -> None:
    _brief(attorney)
    merge()
    _nightly(attorney)
    _lose(attorney, dt.date(2027, 1, 5), dt.date(2027, 1, 22))
    time.moment += DAY
    found = _nightly(attorney)
    assert found is not None
    assert found.lost > 0
    assert "missing" in heartbeat.last_seen()


def test_the_night_notices_rows_that_were_altered_or_swapped(attorney: Staff, time: Clock) -> None:
    _brief(attorney)
    merge()
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_fire SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) WHERE lookup = %s",
            [queries.day_lookup(attorney.org_id, attorney.member_id, DUE)],
        )
        cursor.execute("UPDATE reminders_fire SET lookup = sha256(lookup) WHERE lookup = %s",
                       [queries.day_lookup(attorney.org_id, attorney.member_id, dt.date(2027, 1, 5))])  # fmt: skip
    found = _nightly(attorney)
    assert found is not None
    assert found.misplaced == 2


def test_the_night_gives_days_of_nobody_to_the_admins_and_says_who_cannot_be_reached(
    attorney: Staff, time: Clock, box: Box
) -> None:
    nobody, refused = UUID(int=0x777), UUID(int=0x778)
    with office_transaction(attorney.org_id):
        recipients.set_address(
            attorney.org_id, refused, address="gone@office.test", language="en", zone="UTC", admin=False
        )
        for member in (nobody, refused):
            plan.write(attorney.org_id, [Series(primitives.new_key()[:16], member, (DUE,), frozenset())], [])
    with acting_as("clock"), pytest.MonkeyPatch.context() as patched:
        patched.setattr(reassignment, "of_members", lambda members: {one: [one[1]] for one in members})
        outbox_planning.merge()  # as if the merge had not known that this member has no address
    with office_transaction(attorney.org_id):
        reached = recipients.get(attorney.org_id, refused)
        assert reached is not None
        address_states.record_address_state(reached, reached.settings.addresses[0], "refused", NOON.date())
    found = _nightly(attorney)
    assert found is not None
    assert found.unreachable == [refused]
    with acting_as("clock"):
        assert watchdog.warn_of_missing() == 1
    time.moment = dt.datetime.combine(DUE, dt.time(12), dt.UTC)
    with acting_as("clock"):
        rounds.send_due()
    assert "ana@office.test" in [str(letter["To"]) for letter in box.letters if letter["Subject"] == "Check your list"]


def test_rows_days_overdue_of_somebody_reachable_are_found(attorney: Staff, time: Clock) -> None:
    _brief(attorney)
    merge()
    time.moment = dt.datetime.combine(DUE + 2 * DAY, dt.time(12), dt.UTC)
    found = _nightly(attorney)
    assert found is not None
    assert found.stale > 0


def test_beat_stopped_for_a_day_is_visible_at_the_next_page_and_in_doctor(
    attorney: Staff, time: Clock, box: Box, doctors_database: None
) -> None:
    from django.test import Client

    def told() -> tuple[int, str]:
        page = Client().get("/readyz")
        return page.status_code, page.content.decode()

    with acting_as("clock"):
        for task in (tasks.merge_plans, tasks.send_due, tasks.send_self_tests, tasks_casefile.run_housekeeping):
            task()
    assert not watchdog.is_unreliable(attorney.org_id)
    assert doctor._check_reminders().startswith("beat 0 min ago")
    time.moment += DAY
    assert watchdog.is_unreliable(attorney.org_id), "Today's top line, at the next view"
    with pytest.raises(doctor.Unhealthy, match="late: beat, worker, claim, merge"):
        doctor._check_reminders()
    status, words = told()
    assert status == 503
    assert "beat late" in words
    with acting_as("web"):
        assert watchdog.warn_admins() == 1
    time.moment += HOUR
    assert watchdog.is_unreliable(attorney.org_id)


def test_doctor_says_for_a_day_that_reminders_were_missing(
    attorney: Staff, time: Clock, doctors_database: None
) -> None:
    with acting_as("clock"):
        tasks.merge_plans()
        heartbeat.beat("beat")
        heartbeat.beat("claim")
    heartbeat.beat("missing")
    with pytest.raises(doctor.Unhealthy, match="reminders were missing"):
        doctor._check_reminders()
    time.moment += DAY
    for part in watchdog.PARTS:
        heartbeat.beat(part)
    merge()
    assert "beat" in doctor._check_reminders()


@pytest.fixture
def outside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Generator[list[str]]:
    """A watcher outside, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['User-Agent']}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PING_URL = f"http://127.0.0.1:{server.server_port}/alive"
    monkeypatch.setattr(uptime_ping, "_last", [float("-inf")])
    yield asked
    server.shutdown()


def test_the_outside_watcher_is_asked_while_all_is_well_and_not_when_something_is_late(
    attorney: Staff, outside: list[str], time: Clock
) -> None:
    with acting_as("clock"):
        tasks.merge_plans()
        tasks.send_due()
        tasks.send_due()
    assert outside == ["/alive ping"], "at most every five minutes"
    uptime_ping._last[0] = float("-inf")
    time.moment += HOUR
    assert not uptime_ping.ping_monitor()
    assert len(outside) == 1


def test_without_an_address_nobody_outside_is_asked(settings: Settings, outside: list[str]) -> None:
    settings.PING_URL = ""
    merge()
    assert not uptime_ping.ping_monitor()
    assert outside == []
