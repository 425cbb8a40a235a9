"""Dates that passed are brought to mind until they are done, and an office in which nobody looks is not a quiet one."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.casefile.upkeep import reminder_reconciliation
from caseapp.cases.services import cases
from caseapp.deadlines.services import acts
from caseapp.records.deadline import Deadline
from caseapp.reminders.monitoring import inactive_offices
from caseapp.reminders.planning import plan
from caseapp.reminders.sending import delivery_log
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import DAY, Clock, merge, send_due, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)
DUE = dt.date(2026, 12, 7)  # a Monday
EIGHT = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)
AGAIN = "Your list has not been checked."


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    return stop_clock(monkeypatch, EIGHT)


@pytest.fixture
def brief(attorney: Staff) -> UUID:
    """A case with a brief due on Monday 7 December."""
    case_id = cases.open_case(attorney, cases.NewCase(name="Leila Hosseini"))
    acts.set_by_hand(attorney, case_id, what="Brief", due_on=DUE, severity="serious", reason="schedule")
    return case_id


def _a_morning(time: Clock, day: dt.date) -> int:
    time.moment = dt.datetime.combine(day, dt.time(8), dt.UTC)
    merge()
    return send_due()


def _opens_today(attorney: Staff) -> None:
    """What the Today page does about reminders."""
    with acting_as("web"):
        with office_transaction(attorney.org_id):
            delivery_log.mark_seen(attorney.org_id, attorney.member_id)
        with office_transaction(attorney.org_id):
            again = reminder_reconciliation.reconcile(attorney.keys)
        reminder_reconciliation.extend_ending_reminders(attorney, again.ending)


def _days_told(time: Clock, attorney: Staff, first: dt.date, last: dt.date, *, looking: bool) -> list[dt.date]:
    told = []
    for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
        if _a_morning(time, day):
            told.append(day)
        if looking:
            _opens_today(attorney)
    return told


def _working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def test_a_date_that_passed_is_said_each_working_day_for_as_long_as_somebody_looks(
    box: Box, time: Clock, attorney: Staff, brief: UUID
) -> None:
    last = dt.date(2027, 2, 26)
    told = _days_told(time, attorney, DUE, last, looking=True)
    assert told == _working_days(DUE, last)


def test_done_ends_it(box: Box, time: Clock, attorney: Staff, brief: UUID) -> None:
    _days_told(time, attorney, DUE, dt.date(2026, 12, 31), looking=True)
    with office_transaction(attorney.org_id):
        [entry] = case_access.open_case(attorney.keys, brief).entries_of(Deadline)
    acts.mark_done(attorney, brief, entry.id, version=entry.version)
    # A withdrawn day still fires, so that nobody can tell; nothing is planned on.
    stretch_ends = max(day for planned in entry.record.planned for day in planned.days)
    told = _days_told(time, attorney, dt.date(2027, 1, 1), dt.date(2027, 2, 26), looking=True)
    assert max(told) <= stretch_ends


def test_going_on_writes_once_a_stretch_and_not_at_each_look(
    box: Box, time: Clock, attorney: Staff, brief: UUID
) -> None:
    _days_told(time, attorney, DUE, dt.date(2027, 1, 29), looking=True)
    with office_transaction(attorney.org_id):
        [entry] = case_access.open_case(attorney.keys, brief).entries_of(Deadline)
    # 39 working days are planned in stretches of ten, each made some days before the last one ends.
    assert entry.record.plan_version <= 7


@pytest.mark.parametrize(
    ("due", "today", "ending"),
    [
        (DUE, dt.date(2026, 12, 7), False),  # its own day
        (DUE, dt.date(2026, 12, 17), False),  # ten working days after Monday 7 are over on Monday 21
        (DUE, dt.date(2026, 12, 18), True),
        (DUE, dt.date(2027, 3, 1), True),  # nobody looked for long
    ],
)
def test_a_stretch_is_ending_some_days_before_its_last(due: dt.date, today: dt.date, ending: bool) -> None:
    deadline = Deadline(what="Brief", severity="serious", due_on=due)
    planned = reminder_schedule.deadline_plan(deadline, UUID(int=1), (), due)
    assert (
        reminder_schedule.is_plan_ending(Deadline(what="Brief", severity="serious", due_on=due, planned=planned), today)
        is ending
    )


def test_an_office_in_which_nobody_looks_for_a_week_has_its_admins_told_each_working_day(
    box: Box, time: Clock, attorney: Staff, brief: UUID
) -> None:
    first = DUE - DAY * 6  # the first message, Monday a week before the date, is caught up on Tuesday
    heard = []
    for day in (first + dt.timedelta(days=n) for n in range(40)):
        _a_morning(time, day)
        with acting_as("clock"):
            if inactive_offices.notify_admins():
                heard.append(day)
            assert inactive_offices.notify_admins() == 0, "once a day"
    assert heard[0] > first + inactive_offices.INACTIVE_AFTER - DAY
    assert heard == _working_days(heard[0], first + dt.timedelta(days=39))
    assert AGAIN in str(box.letters[-1].get_content()).replace("\n", " ")
    _opens_today(attorney)
    with acting_as("clock"):
        assert inactive_offices.find_inactive() == []


def test_an_office_that_got_no_message_is_left_in_peace(box: Box, time: Clock, attorney: Staff) -> None:
    for day in (DUE + dt.timedelta(days=n) for n in range(20)):
        _a_morning(time, day)
        with acting_as("clock"):
            assert inactive_offices.notify_admins() == 0
