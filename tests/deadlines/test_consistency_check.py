"""The consistency watch: what it raises, what it leaves alone, and that it holds nothing longer than the index does."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import case_access
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, closing, notes
from caseapp.deadlines.services import acts, notices
from caseapp.deadlines.services.recompute import Bound
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import store
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers import cast, process_state

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
ALL = Bound(seconds=3600, cases=10_000)
ONE = Bound(seconds=3600, cases=1)
RECENT = dt.date(2026, 6, 1)  # nine months later is Mon 1 Mar 2027


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    process_state.forget_findings()


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


def _found(staff: Staff) -> list[str]:
    return [finding.kind for finding in consistency_check.check_open_cases(staff, ALL).findings]


def _at(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(day, dt.time(15), dt.UTC))


def _book(staff: Staff, case_id: UUID, day: dt.date) -> UUID:
    starts = dt.datetime.combine(day, dt.time(13, 30), dt.UTC)
    hearing = Hearing(kind="other", starts_at=starts, zone="America/New_York", court="Court North")
    return hearings.book_hearing(staff, case_id, hearing)


def test_a_case_in_order_raises_nothing(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT, relief=("asylum",)))
    _book(attorney, case_id, dt.date(2027, 2, 17))
    found = consistency_check.check_open_cases(attorney, ALL)
    assert (found.findings, found.checked, found.total) == ((), 1, 1)


def test_a_case_in_court_without_a_hearing_ahead_is_raised_until_one_is_booked(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    _book(attorney, case_id, dt.date(2026, 12, 1))
    assert _found(attorney) == []
    _at(monkeypatch, dt.date(2026, 12, 2))
    assert _found(attorney) == ["no_next_date"]
    _book(attorney, case_id, dt.date(2027, 2, 17))
    assert _found(attorney) == []


@pytest.mark.parametrize(("day", "raised"), [(dt.date(2027, 2, 28), []), (dt.date(2027, 3, 1), ["one_year"])])
def test_nine_months_after_the_last_arrival_without_an_application(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch, day: dt.date, raised: list[str]
) -> None:
    cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT, relief=("asylum",)))
    _at(monkeypatch, day)
    found = consistency_check.check_open_cases(attorney, ALL).findings
    assert [finding.kind for finding in found] == raised
    assert all(finding.on == RECENT for finding in found)


def test_nine_months_after_the_last_day_of_a_month(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    cases.open_case(
        attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 5, 31), relief=("asylum",))
    )
    _at(monkeypatch, dt.date(2027, 2, 27))
    assert _found(attorney) == []
    _at(monkeypatch, dt.date(2027, 2, 28))
    assert _found(attorney) == ["one_year"]


def test_an_application_received_or_a_date_waived_raises_nothing_more(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT, relief=("asylum",)))
    waived = cases.open_case(attorney, cases.NewCase(name="Roza Aliyeva", last_arrival_on=RECENT, relief=("asylum",)))
    cases.open_case(
        attorney, cases.NewCase(name="Min Thu Aung", last_arrival_on=RECENT, relief=("u",))
    )  # wants no asylum
    _at(monkeypatch, dt.date(2027, 3, 15))
    assert _found(attorney) == ["one_year", "one_year"]
    notices.record_notice(attorney, filed, what="asylum_filed", dated_on=dt.date(2027, 3, 12))
    with office_transaction(attorney.org_id):
        entry = case_access.open_case(attorney.keys, waived).entries_of(Deadline)[0]
    acts.waive_deadline(attorney, waived, entry.id, reason="came as a child; Ana decided", version=entry.version)
    assert "one_year" not in _found(attorney)


def test_a_record_changed_without_its_date_is_raised_as_one_without_its_start(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT))
    with case_transaction(attorney, case_id) as draft:
        party = draft.file.get_only(Party)
        draft.change(party.id, replace(party.record, last_arrival_on=dt.date(2026, 5, 1)))
    found = consistency_check.check_open_cases(attorney, ALL).findings
    assert [(finding.kind, finding.on) for finding in found] == [("no_start", dt.date(2027, 5, 28))]
    assert found[0].deadline_id is not None


def test_a_date_that_was_tampered_with_differs_from_what_is_computed(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT))
    with case_transaction(attorney, case_id) as draft:
        entry = draft.file.entries_of(Deadline)[0]
        draft.change(entry.id, replace(entry.record, due_on=dt.date(2027, 7, 1), act_by=dt.date(2027, 7, 1)))
    (found,) = consistency_check.check_open_cases(attorney, ALL).findings
    # 1 June 2027 is a Tuesday, Monday 31 May is Memorial Day: the safe day is Friday 28 May.
    assert (found.kind, found.was, found.would) == ("differs", "2027-07-01", "2027-05-28")


def test_a_date_that_no_rule_gives_any_more_is_raised(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT))
    law.drop(monkeypatch, "us.asylum.one_year")
    assert _found(attorney) == ["no_rule"]


def test_a_work_permit_that_may_be_renewed_is_raised_until_that_is_done(attorney: Staff) -> None:
    from caseapp.deadlines.services import calculation

    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi"))
    # 180 days before Sun 9 May 2027 is Tue 10 Nov 2026, two weeks ago.
    renewal = calculation.compute_deadline(
        consistency_check.EAD_RULE, {"ead_expiry": dt.date(2027, 5, 9)}, rules.Options(zone="America/New_York")
    )
    later = calculation.compute_deadline(
        consistency_check.EAD_RULE, {"ead_expiry": dt.date(2027, 9, 9)}, rules.Options(zone="America/New_York")
    )
    with case_transaction(attorney, case_id) as draft:
        draft.add(renewal)
        draft.add(later)
    (found,) = consistency_check.check_open_cases(attorney, ALL).findings
    assert found.kind == "ead"
    assert found.deadline_id is not None
    acts.mark_done(attorney, case_id, found.deadline_id, version=1, note="I-765 sent")
    assert _found(attorney) == []


def test_a_case_that_does_not_open_whole_is_raised(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=RECENT))
    with office_transaction(attorney.org_id), connection.cursor() as cursor:
        entry = case_access.open_case(attorney.keys, case_id).entries_of(Deadline)[0]
        cursor.execute("DELETE FROM vault_record WHERE id = %s", [entry.id])
    assert _found(attorney) == ["unreadable"]


def test_a_request_looks_at_no_more_than_it_may_and_the_next_goes_on(attorney: Staff) -> None:
    for number in range(3):
        cases.open_case(attorney, cases.NewCase(name=f"Person {number}", stage="in_court"))
    for done in (1, 2, 3):
        found = consistency_check.check_open_cases(attorney, ONE)
        assert (found.checked, found.total, len(found.findings)) == (done, 3, done)
    assert consistency_check.check_open_cases(attorney, Bound(seconds=3600, cases=1)).is_whole


def test_each_case_is_opened_once_a_day_and_again_when_it_was_saved(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[UUID] = []
    real = store.open_file

    def counted(keys: Keys, file_id: UUID, *, lock: bool = False) -> SealedFile:
        opened.append(file_id)
        return real(keys, file_id, lock=lock)

    first, second = (cases.open_case(attorney, cases.NewCase(name=name)) for name in ("One Person", "Other Person"))
    monkeypatch.setattr(store, "open_file", counted)
    consistency_check.check_open_cases(attorney, ALL)
    consistency_check.check_open_cases(attorney, ALL)
    assert sorted(file for file in opened if file != attorney.keys.office_file) == sorted([first, second])
    notes.add_note(attorney, second, text="Phoned.")
    opened.clear()
    consistency_check.check_open_cases(attorney, ALL)
    assert [file for file in opened if file != attorney.keys.office_file] == [second]
    opened.clear()
    _at(monkeypatch, dt.date(2026, 11, 25))
    consistency_check.check_open_cases(attorney, ALL)
    assert sorted(file for file in opened if file != attorney.keys.office_file) == sorted([first, second])


def test_what_was_found_leaves_the_memory_when_nobody_asks(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko", stage="in_court"))
    assert _found(attorney) == ["no_next_date"]
    assert len(consistency_check._held) == 1
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=11))
    consistency_check.forget_idle()
    assert len(consistency_check._held) == 0


def test_a_closed_case_is_left_alone_and_another_office_sees_nothing(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko", stage="in_court"))
    outsider = cast.found(name="Otto", email="otto@elsewhere.test")
    with acting_as("web"):
        assert consistency_check.check_open_cases(outsider, ALL).total == 0
    closing.close_case(attorney, case_id, code="granted", retain_until=dt.date(2033, 11, 24), version=1)
    assert consistency_check.check_open_cases(attorney, ALL) == consistency_check.ConsistencyReport((), 0, 0)
