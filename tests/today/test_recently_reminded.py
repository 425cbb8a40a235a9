"""Whoever comes to Today because of a reminder finds what it was about, or is told that it was a routine one."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.cases.services import cases
from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.index.rows import CaseRow, DeadlineRow
from caseapp.records.hearing import Hearing
from caseapp.reminders import queries, recipients
from caseapp.reminders.sending import dispatch
from caseapp.today.dated_lists import RemindedMember, reminder_offsets
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker
from tests.reminders.cast import merge

pytestmark = pytest.mark.usefixtures("frozen")

TODAY = dt.date(2026, 11, 24)  # a Tuesday, by the frozen clock of these tests
HEADING = "Reminders sent to you"
ROUTINE = "Nothing new. The reminder was a routine message."


def _days_ahead(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


def _brief(worker: Worker, days: int, severity: str = "fatal", what: str = "Brief") -> UUID:
    case_id = cases.open_case(worker.staff, cases.NewCase(name="Leila Hosseini"))
    acts.set_by_hand(
        worker.staff, case_id, what=what, due_on=_days_ahead(days), severity=severity, reason="briefing schedule"
    )
    return case_id


def _today(worker: Worker) -> str:
    return worker.client.get("/").content.decode()


def _noted(page: str) -> str:
    return page.partition(f'id="noted">{HEADING}')[2].partition("</section>")[0]


def _a_message_went_out(worker: Worker) -> None:
    with office_transaction(worker.staff.org_id):
        reached = recipients.get(worker.staff.org_id, worker.staff.member_id)
        assert reached is not None
        queries.write_line(
            dispatch.log_line(reached, "reminder", queries.message_id(reached, TODAY, "reminder"), "email")
        )


@pytest.mark.parametrize("days", [60, 59, 58, 30])
def test_a_date_far_ahead_of_which_one_was_reminded_lately_is_shown(attorney: Worker, days: int) -> None:
    _brief(attorney, days)
    assert "Brief" in _noted(_today(attorney))


@pytest.mark.parametrize(("days", "severity"), [(61, "fatal"), (57, "fatal"), (20, "fatal"), (60, "serious")])
def test_a_date_of_which_nobody_was_reminded_lately_is_not(attorney: Worker, days: int, severity: str) -> None:
    _brief(attorney, days, severity)
    assert HEADING not in _today(attorney)


def test_what_is_due_soon_stands_in_its_own_list_and_not_twice(attorney: Worker) -> None:
    _brief(attorney, 14)
    page = _today(attorney)
    assert page.count(">Brief<") == 1
    assert HEADING not in page


@pytest.mark.parametrize(("days", "is_shown"), [(14, True), (7, True), (5, True), (1, True), (4, False), (10, False)])
def test_a_hearing_of_which_one_was_reminded_lately_is_shown(attorney: Worker, days: int, is_shown: bool) -> None:
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Leila Hosseini"))
    starts = dt.datetime.combine(_days_ahead(days), dt.time(13, 30), dt.UTC)
    hearing = Hearing(kind="master", starts_at=starts, zone="America/New_York", court="Court North")
    hearings.book_hearing(attorney.staff, case_id, hearing)
    assert ("Court North" in _noted(_today(attorney))) is is_shown


@pytest.mark.parametrize(
    ("role", "is_admin", "is_lead", "severity", "offsets"),
    [
        ("caseworker", False, False, "serious", set()),
        ("caseworker", False, True, "serious", {3}),
        ("supervisor", False, False, "serious", {1}),
        ("supervisor", True, False, "fatal", {0, 1}),
        ("supervisor", True, True, "routine", set()),  # nobody but its owner hears of it
    ],
)
def test_a_colleagues_date_is_shown_when_it_went_on_to_lead_supervisor_or_admin(
    attorney: Worker, role: str, is_admin: bool, is_lead: bool, severity: str, offsets: set[int]
) -> None:
    me = RemindedMember(attorney.staff.member_id, role, is_admin)
    deadline = DeadlineRow(id=UUID(int=1), what="Brief", severity=severity, act_by=TODAY, owner=UUID(int=7))
    row = CaseRow(ref="7KQ4D", stage="intake", lead=me.member_id if is_lead else UUID(int=7), deadlines=(deadline,))
    assert reminder_offsets(row, deadline, me) == offsets


def test_a_routine_reminder_says_that_it_was_one(attorney: Worker) -> None:
    assert ROUTINE not in _today(attorney), "no message brought anybody here"
    _a_message_went_out(attorney)
    assert ROUTINE in _today(attorney)
    merge()
    assert ROUTINE not in _today(attorney), "it is said for a minute, and not all day"


def test_a_reminder_about_something_never_calls_itself_routine(attorney: Worker) -> None:
    _brief(attorney, 60)
    _a_message_went_out(attorney)
    assert ROUTINE not in _today(attorney)
