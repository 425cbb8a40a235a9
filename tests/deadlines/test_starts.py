"""Deadlines come from every event of a case, and an older one stays in view beside what took its place.

Expected dates are worked by hand from shared/law.
"""

import datetime as dt
from uuid import UUID

import pytest

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.cases.services import cases
from caseapp.clients.services import people
from caseapp.deadlines.services import asylum_clock, notices
from caseapp.hearings.services import hearings
from caseapp.law import services as office_rules
from caseapp.lib import clock
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.records import deadline
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


def _open(staff: Staff, case_id: UUID) -> SealedFile:
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id)


def _all(staff: Staff, case_id: UUID, rule: str) -> dict[str, Entry[Deadline]]:
    """State to deadline, of one rule."""
    found = _open(staff, case_id).entries_of(Deadline)
    return {e.record.state: e for e in found if e.record.working and e.record.working.rule == rule}


def test_a_corrected_arrival_names_the_date_that_took_its_place(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    party = _open(attorney, case_id).get_only(Party)
    people.set_last_arrival(attorney, case_id, party.id, dt.date(2026, 5, 4), version=party.version)
    found = _all(attorney, case_id, "us.asylum.one_year")
    assert found["open"].record.due_on == dt.date(2027, 5, 4)
    assert found["superseded"].record.due_on == dt.date(2027, 4, 9)
    assert found["superseded"].record.superseded_by == found["open"].id


def test_a_reset_hearing_names_the_filing_date_that_took_its_place(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2027, 2, 17)))
    hearings.record_outcome(
        attorney, case_id, hearing_id, Outcome(what="reset"), version=1, next_hearing=_individual(dt.date(2027, 3, 17))
    )
    found = _all(attorney, case_id, "us.eoir.individual.filings")
    assert found["superseded"].record.superseded_by == found["open"].id


def _individual(day: dt.date) -> Hearing:
    starts = dt.datetime.combine(day, dt.time(13, 30), dt.UTC)  # 8:30 in New York in winter
    return Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")


def test_a_detention_presses_at_once_and_shows_on_the_client(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Luis Hernández Paz"))
    notices.record_notice(attorney, case_id, what="detained", dated_on=dt.date(2026, 11, 23))
    for rule in ("us.eoir.bond.request", "us.habeas"):
        record = _all(attorney, case_id, rule)["open"].record
        assert (record.due_on, record.act_by, record.opens_on) == (None, None, dt.date(2026, 11, 23))
        # No period runs: the day it was entered is our target, so that it is reminded of and escalates from today.
        assert deadline.day_to_act(record) == dt.date(2026, 11, 24)
        assert record.severity == "fatal"
        assert any(dt.date(2026, 11, 25) in plan.days for plan in record.planned)
    # ICE decides on charges within 48 hours of the arrest; the hour is not known: counted from midnight.
    assert _all(attorney, case_id, "us.detention.charging")["open"].record.due_on == dt.date(2026, 11, 25)
    assert _open(attorney, case_id).get_only(Party).record.detained_since == dt.date(2026, 11, 23)


def test_a_release_starts_the_seven_days_and_clears_the_mark(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Luis Hernández Paz"))
    notices.record_notice(attorney, case_id, what="detained", dated_on=dt.date(2026, 11, 16))
    notices.record_notice(attorney, case_id, what="released", dated_on=dt.date(2026, 11, 20))
    # 7 days after Fri 20 Nov 2026 is Fri 27 Nov.
    assert _all(attorney, case_id, "us.eoir.bond.after_release")["open"].record.due_on == dt.date(2026, 11, 27)
    assert _open(attorney, case_id).get_only(Party).record.detained_since is None


@pytest.mark.parametrize("how", ["notice", "outcome"])
def test_a_grant_of_asylum_starts_the_two_years_for_the_family(attorney: Staff, how: str) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Roza Aliyeva"))
    if how == "notice":
        notices.record_notice(attorney, case_id, what="asylum_granted", dated_on=dt.date(2026, 11, 24))
    else:
        hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2026, 11, 24)))
        hearings.record_outcome(attorney, case_id, hearing_id, Outcome(what="decided", decision="granted"), version=1)
    # 2 years after Tue 24 Nov 2026 is Fri 24 Nov 2028, the day after Thanksgiving: an ordinary Friday.
    assert _all(attorney, case_id, "us.uscis.i730")["open"].record.due_on == dt.date(2028, 11, 24)
    assert _all(attorney, case_id, "us.uscis.i485.asylee")["open"].record.opens_on == dt.date(2027, 11, 24)


def test_an_application_filed_meets_the_one_year_date_and_starts_the_asylum_clock(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    notices.record_notice(attorney, case_id, what="asylum_filed", dated_on=dt.date(2026, 11, 20))
    met = _all(attorney, case_id, "us.asylum.one_year")["done"].record
    assert met.proof_note == "I-589 received on 2026-11-20"
    assert met.planned == ()
    # 150 days after Fri 20 Nov 2026 is Mon 19 Apr 2027, 180 days Wed 19 May 2027.
    assert _all(attorney, case_id, "us.asylum.ead.file")["open"].record.opens_on == dt.date(2027, 4, 19)
    assert _all(attorney, case_id, "us.asylum.ead.eligible")["open"].record.opens_on == dt.date(2027, 5, 19)


def test_a_riders_one_year_date_is_not_met_by_the_clients_application(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    lead = _open(attorney, case_id).get_only(Party).record
    rider = people.add_person(attorney, case_id, Party(role="rider", name=lead.name))
    people.set_last_arrival(attorney, case_id, rider, dt.date(2026, 6, 1), version=1)
    notices.record_notice(attorney, case_id, what="asylum_filed", dated_on=dt.date(2026, 11, 20))
    assert _all(attorney, case_id, "us.asylum.one_year")["open"].record.parties == (rider,)


@pytest.fixture
def filed(attorney: Staff) -> UUID:
    """A case whose I-589 was received on Fri 10 Jul 2026."""
    case_id = cases.open_case(attorney, cases.NewCase(name="Aminata Diallo"))
    notices.record_notice(attorney, case_id, what="asylum_filed", dated_on=dt.date(2026, 7, 10))
    return case_id


def _opens(staff: Staff, case_id: UUID, rule: str = "us.asylum.ead.file") -> dt.date | None:
    return _all(staff, case_id, rule)["open"].record.opens_on


def test_a_stop_of_the_clock_puts_the_days_off_and_the_old_ones_stay_in_view(attorney: Staff, filed: UUID) -> None:
    assert _opens(attorney, filed) == dt.date(2026, 12, 7)  # 150 days after Fri 10 Jul 2026
    first, until = dt.date(2026, 9, 1), dt.date(2026, 9, 15)
    asylum_clock.add_stop(attorney, filed, first=first, until=until, why="postponement_asked", source="order, page 1")
    # 1 to 14 September did not count: 14 days more.
    assert _opens(attorney, filed) == dt.date(2026, 12, 21)
    old = _all(attorney, filed, "us.asylum.ead.file")["superseded"]
    assert old.record.opens_on == dt.date(2026, 12, 7)
    found = asylum_clock.compute_clock(_open(attorney, filed), dt.date(2026, 11, 24))
    assert found is not None
    # 137 days from 10 Jul to 24 Nov, less 14.
    assert (found.days_counted, found.running, found.day_150) == (123, True, dt.date(2026, 12, 21))


def test_a_stop_of_the_clock_leaves_the_annual_fee_as_it_was(attorney: Staff, filed: UUID) -> None:
    fee = "us.asylum.annual_fee.expected"
    before = _all(attorney, filed, fee)
    assert before["open"].record.opens_on == dt.date(2027, 7, 10)
    asylum_clock.add_stop(attorney, filed, first=dt.date(2026, 9, 1), until=dt.date(2026, 9, 15), why="no_interpreter")
    assert {state: entry.id for state, entry in _all(attorney, filed, fee).items()} == {"open": before["open"].id}
    filing = asylum_clock.find_filing(_open(attorney, filed))
    assert filing is not None
    asylum_clock.change_filing_date(attorney, filed, dt.date(2026, 7, 13), version=filing.version)
    assert _all(attorney, filed, fee)["open"].record.opens_on == dt.date(2027, 7, 13)


@pytest.mark.parametrize(
    ("filed_on", "next_one"),
    [
        ("2025-11-23", "2027-11-23"),  # the first anniversary was yesterday
        ("2025-11-24", "2026-11-24"),  # today
        ("2024-11-25", "2026-11-25"),  # the second is tomorrow
        ("2023-12-31", "2026-09-30"),  # filed before 2 October 2024: the end of the fiscal year, already here
        ("2024-02-29", "2027-02-28"),  # a leap day
    ],
)
def test_an_application_filed_long_ago_expects_its_next_annual_fee(
    attorney: Staff, filed_on: str, next_one: str
) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Hawa Jalloh"))
    notices.record_notice(attorney, case_id, what="asylum_filed", dated_on=dt.date.fromisoformat(filed_on))
    record = _all(attorney, case_id, "us.asylum.annual_fee.expected")["open"].record
    assert record.opens_on == dt.date.fromisoformat(next_one)


def test_the_governments_delay_stops_nothing(attorney: Staff, filed: UUID) -> None:
    first, until = dt.date(2026, 9, 1), dt.date(2026, 9, 15)
    asylum_clock.add_stop(attorney, filed, first=first, until=until, why="government_delay")
    assert _opens(attorney, filed) == dt.date(2026, 12, 7)


def test_a_clock_that_stands_still_says_so_and_counts_again_when_it_restarts(attorney: Staff, filed: UUID) -> None:
    stop_id = asylum_clock.add_stop(attorney, filed, first=dt.date(2026, 11, 17), why="missed_biometrics")
    record = _all(attorney, filed, "us.asylum.ead.file")["open"].record
    assert record.working is not None
    assert rules.render_english(asylum_clock.CLOCK_STOPPED) in record.working.warnings
    found = asylum_clock.compute_clock(_open(attorney, filed), dt.date(2026, 11, 24))
    assert found is not None
    assert (found.running, found.day_150) == (False, None)
    asylum_clock.change_stop(
        attorney, filed, stop_id, first=dt.date(2026, 11, 17), until=dt.date(2026, 11, 20), why="missed_biometrics",
        version=1,
    )  # fmt: skip
    assert _opens(attorney, filed) == dt.date(2026, 12, 10)  # 17, 18 and 19 November
    stop = _open(attorney, filed).get(stop_id, Notice)
    assert (stop.version, stop.record.entered_by) == (2, attorney.member_id)


def test_a_stop_entered_by_mistake_is_taken_out_again(attorney: Staff, filed: UUID) -> None:
    stop_id = asylum_clock.add_stop(
        attorney, filed, first=dt.date(2026, 9, 1), until=dt.date(2026, 9, 15), why="postponement_asked"
    )
    asylum_clock.remove_stop(attorney, filed, stop_id, version=1)
    assert _opens(attorney, filed) == dt.date(2026, 12, 7)
    with pytest.raises(NotFound):
        asylum_clock.remove_stop(attorney, filed, stop_id, version=1)


def test_the_day_of_filing_is_corrected(attorney: Staff, filed: UUID) -> None:
    asylum_clock.change_filing_date(attorney, filed, dt.date(2026, 7, 13), version=1)
    assert _opens(attorney, filed) == dt.date(2026, 12, 10)  # 150 days after Mon 13 Jul 2026
    with pytest.raises(EditConflict):
        asylum_clock.change_filing_date(attorney, filed, dt.date(2026, 7, 14), version=1)


@pytest.mark.parametrize(
    ("first", "until", "why", "code"),
    [
        (dt.date(2026, 11, 25), None, "missed_biometrics", "first"),  # tomorrow
        (dt.date(2026, 7, 9), None, "missed_biometrics", "first"),  # before the filing
        (dt.date(2026, 9, 15), dt.date(2026, 9, 1), "missed_biometrics", "until"),
        (dt.date(2026, 9, 1), dt.date(2026, 9, 15), " ", "why"),
    ],
)
def test_a_stop_that_cannot_be_is_refused(
    attorney: Staff, filed: UUID, first: dt.date, until: dt.date | None, why: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        asylum_clock.add_stop(attorney, filed, first=first, until=until, why=why)
    assert refusal.value.code == code
    assert _opens(attorney, filed) == dt.date(2026, 12, 7)


def test_there_is_no_clock_without_an_application(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Kwame Mensah"))
    assert asylum_clock.compute_clock(_open(attorney, case_id), dt.date(2026, 11, 24)) is None
    with pytest.raises(NotFound):
        asylum_clock.add_stop(attorney, case_id, first=dt.date(2026, 9, 1), why="missed_biometrics")


def test_a_rule_of_the_office_begins_with_the_event_it_names_and_is_replaced_with_it(attorney: Staff) -> None:
    rule = rules.Rule(
        id="office.rehearsal",
        what="Rehearse the testimony",
        on=("hearing",),
        citation="Practice of the office",
        severity="serious",
        state="settled",
        chk="k",
        count="-7d",
        last_checked=dt.date(2026, 11, 24),
        effective_from=dt.date(2026, 1, 1),
    )
    with office_transaction(attorney.org_id):
        office_rules.add_rule(attorney, rule, starts_with="hearing_individual")
    case_id = cases.open_case(attorney, cases.NewCase(name="Samira Haddad"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2027, 2, 17)))
    # 7 days before Wed 17 Feb 2027.
    assert _all(attorney, case_id, "office.rehearsal")["open"].record.due_on == dt.date(2027, 2, 10)
    hearings.record_outcome(
        attorney, case_id, hearing_id, Outcome(what="reset"), version=1, next_hearing=_individual(dt.date(2027, 3, 17))
    )
    found = _all(attorney, case_id, "office.rehearsal")
    assert found["open"].record.due_on == dt.date(2027, 3, 10)
    assert found["superseded"].record.superseded_by == found["open"].id
