"""How the office files with each court, and closed days of the office, of a court and of a region. Dates by hand.

30 days before the hearing of Wed 17 Feb 2027 is Mon 18 Jan, a holiday: due on Tue 19 Jan, and the internal deadline is
the open day before the holiday, Fri 15 Jan. On paper it is two business days earlier, Wed 13 Jan.
"""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp import rules
from caseapp.accounts.keys.permissions import ATTORNEY, CASEWORKER
from caseapp.accounts.signin import sessions
from caseapp.casefile import office_law
from caseapp.deadlines.services import recompute
from caseapp.deadlines.services.recompute import Bound
from caseapp.hearings.services import hearings
from caseapp.law import services
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.office import Office
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.law.test_positions import add_appeal, appeal_of
from tests.team.test_members import member
from tests.team.test_supervising import token, unmark_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
FILINGS = "us.eoir.individual.filings"
PAGE = "/law/settings/court/"
PAPER = {"court": "Court North", "method": "paper", "region": ""}
ALL = Bound(seconds=3600, cases=10_000)
DUE, SAFE, SAFE_ON_PAPER = dt.date(2027, 1, 19), dt.date(2027, 1, 15), dt.date(2027, 1, 13)


def filings_of(worker: Worker, case_id: UUID) -> list[Entry[Deadline]]:
    entries = worker.file(case_id).entries_of(Deadline)
    return [entry for entry in entries if entry.record.working and entry.record.working.rule == FILINGS]


def dates(entry: Entry[Deadline]) -> tuple[dt.date | None, dt.date | None]:
    return entry.record.due_on, entry.record.act_by


def book(worker: Worker, case_id: UUID, court: str) -> None:
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court=court)
    hearings.book_hearing(worker.staff, case_id, hearing)


def office_of(worker: Worker) -> Office:
    with office_transaction(worker.staff.org_id):
        return office_law.law_of(sessions.open(token(worker)).keys).office


def closed(day: dt.date, **where: str) -> rules.OfficeClosure:
    return rules.OfficeClosure(id="storm", first=day, last=day, why="Snow storm", source="the court's page", **where)


def test_paper_filing_at_one_court_moves_its_internal_deadlines_and_no_other(attorney: Worker, case_id: UUID) -> None:
    services.set_court(attorney.staff, "court  NORTH", electronic=False)
    book(attorney, case_id, "Court North")
    book(attorney, case_id, "Court South")
    assert sorted(map(dates, filings_of(attorney, case_id))) == [(DUE, SAFE_ON_PAPER), (DUE, SAFE)]


def test_open_dates_are_listed_with_was_and_would_be_and_one_is_accepted(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    (before,) = filings_of(attorney, case_id)
    assert dates(before) == (DUE, SAFE)
    assert redirect_of(attorney.client.post(PAGE, PAPER)) == (303, reverse("deadlines:changes"), "court-saved")
    html = " ".join(attorney.client.get(reverse("deadlines:changes")).content.decode().split())
    assert "Fri, Jan 15, 2027" in html
    assert "Wed, Jan 13, 2027" in html
    (listed,) = filings_of(attorney, case_id)
    assert dates(listed) == (DUE, SAFE)
    days = {day for planned in listed.record.planned for day in planned.days}
    assert SAFE_ON_PAPER in days  # reminders follow the earlier date meanwhile
    recompute.accept_proposal(attorney.staff, case_id, listed.id, version=listed.version)
    assert dates(filings_of(attorney, case_id)[0]) == (DUE, SAFE_ON_PAPER)


def test_every_other_court_has_one_setting_and_removing_a_courts_own_returns_to_it(
    attorney: Worker, case_id: UUID
) -> None:
    services.set_court(attorney.staff, "", electronic=False)
    services.set_court(attorney.staff, "Court North", electronic=True)
    book(attorney, case_id, "Court North")
    book(attorney, case_id, "Court South")
    assert sorted(map(dates, filings_of(attorney, case_id))) == [(DUE, SAFE_ON_PAPER), (DUE, SAFE)]
    assert "set by Ana Ruiz on" in attorney.client.get("/law/settings/").content.decode()
    assert attorney.client.post(PAGE, {"remove": "Court North"}).status_code == 303
    assert [item.court for item in office_of(attorney).court_settings] == [""]
    recompute.recompute_due_cases(attorney.staff, ALL)
    proposed = [entry.record.proposal for entry in filings_of(attorney, case_id) if entry.record.proposal]
    assert [would.act_by for would in proposed] == [SAFE_ON_PAPER]


def test_a_filing_method_that_a_member_gave_by_hand_stays(attorney: Worker, case_id: UUID) -> None:
    entry = add_appeal(attorney, case_id)
    services.set_court(attorney.staff, "", electronic=False)
    recompute.recompute_due_cases(attorney.staff, ALL)
    assert appeal_of(attorney, case_id).record.proposal is None
    assert dates(appeal_of(attorney, case_id)) == dates(entry)


def test_a_closure_of_the_court_or_of_every_office_moves_the_legal_deadline_and_no_internal_one(
    attorney: Worker, case_id: UUID
) -> None:
    """An appeal due on Mon 30 Nov runs on to Tue 1 Dec over a closed Monday; the internal deadline relies on none."""
    monday, tuesday = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    services.add_closure(attorney.staff, closed(monday, court="Court North"))
    assert dates(add_appeal(attorney, case_id)) == (monday, monday)  # that court does not receive it
    services.remove_item(attorney.staff, "closure:storm")
    services.add_closure(attorney.staff, closed(monday))
    recompute.recompute_due_cases(attorney.staff, ALL)
    would = appeal_of(attorney, case_id).record.proposal
    assert would is not None
    assert (would.due_on, would.act_by) == (tuesday, monday)


def test_a_closure_of_one_court_moves_the_filings_there(attorney: Worker, case_id: UUID) -> None:
    """Tue 19 Jan is closed too: due on Wed 20 Jan at Court North alone."""
    services.add_closure(attorney.staff, closed(dt.date(2027, 1, 19), court="Court North"))
    book(attorney, case_id, "Court North")
    book(attorney, case_id, "Court South")
    assert sorted(map(dates, filings_of(attorney, case_id))) == [(DUE, SAFE), (dt.date(2027, 1, 20), SAFE)]


def test_a_closure_of_a_region_moves_dates_once_a_court_is_in_that_region(attorney: Worker, case_id: UUID) -> None:
    monday, tuesday = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    services.add_closure(attorney.staff, closed(monday, region="New Jersey"))
    assert dates(add_appeal(attorney, case_id)) == (monday, monday)
    services.set_court(attorney.staff, "", electronic=True, region="New  Jersey")
    recompute.recompute_due_cases(attorney.staff, ALL)
    would = appeal_of(attorney, case_id).record.proposal
    assert would is not None
    assert (would.due_on, would.act_by) == (tuesday, monday)


def test_only_a_supervising_attorney_sets_a_court(attorney: Worker, outsider: Worker) -> None:
    unmark_all(attorney)  # an admin who does not supervise
    ben, cora = member(attorney.staff, ATTORNEY), member(attorney.staff, CASEWORKER, "cora@office.test")
    for worker in (attorney, ben, cora):
        assert worker.client.get(PAGE).status_code == 404
        assert worker.client.post(PAGE, PAPER).status_code == 404
        with pytest.raises(Refused):
            services.set_court(worker.staff, "Court North", electronic=False)
        with pytest.raises(Refused):
            services.remove_court(worker.staff, "Court North")
    assert outsider.client.post(PAGE, PAPER).status_code == 303  # the outsider's own office
    assert office_of(attorney).court_settings == ()


@pytest.mark.parametrize(
    "sent",
    [
        {**PAPER, "method": ""},
        {**PAPER, "method": "fax"},
        {**PAPER, "court": "x" * 201},
        {**PAPER, "region": "x" * 201},
    ],
)
def test_an_unusable_setting_is_refused_and_reading_the_page_sets_nothing(
    attorney: Worker, sent: dict[str, str]
) -> None:
    assert attorney.client.post(PAGE, sent).status_code == 422
    assert attorney.client.post(PAGE, {"remove": "Court North"}).status_code == 404
    assert attorney.client.get(f"{PAGE}?court=Court+North&method=paper").status_code == 200
    assert office_of(attorney).court_settings == ()


def test_an_office_keeps_a_limited_number_of_courts(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "COURT_LIMIT", 2)
    for name in ("Court North", "Court South"):
        services.set_court(attorney.staff, name, electronic=True)
    with pytest.raises(Refused):
        services.set_court(attorney.staff, "Court East", electronic=True)
    services.set_court(attorney.staff, "COURT NORTH", electronic=False)  # the same court again
    assert len(office_of(attorney).court_settings) == 2
    assert office_of(attorney).court_settings[-1].electronic is False
