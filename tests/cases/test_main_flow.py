"""From the last arrival to the appeal: each act adds and supersedes the deadlines that follow from it.

Expected dates are worked by hand from shared/law (counting: computing-time.md).
"""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, undo
from caseapp.cases.services import cases, notes
from caseapp.clients.services import people
from caseapp.deadlines.services import acts, notices
from caseapp.hearings.services import hearings
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.vault.store import SealedFile
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


def _by_rule(staff: Staff, case_id: UUID, *, state: str = "open") -> dict[str, Deadline]:
    found = [entry.record for entry in _open(staff, case_id).entries_of(Deadline) if entry.record.state == state]
    return {deadline.working.rule: deadline for deadline in found if deadline.working}


def _individual(day: dt.date) -> Hearing:
    starts = dt.datetime.combine(day, dt.time(13, 30), dt.UTC)  # 8:30 in New York in winter
    return Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")


def test_the_last_arrival_gives_the_one_year_deadline(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    deadline = _by_rule(attorney, case_id)["us.asylum.one_year"]
    # Arrival is day 0; one year later is Fri 9 Apr 2027; the safe day is the open day before the anniversary.
    assert deadline.due_on == dt.date(2027, 4, 9)
    assert deadline.act_by == dt.date(2027, 4, 8)
    assert deadline.working is not None
    assert deadline.working.steps


def test_an_individual_hearing_gives_the_filing_deadline_and_a_reset_replaces_it(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2027, 2, 17)))
    # 30 days before Wed 17 Feb 2027 is Mon 18 Jan 2027, a holiday: manual 19 Jan, act by Fri 15 Jan (vector v107).
    first = _by_rule(attorney, case_id)["us.eoir.individual.filings"]
    assert (first.due_on, first.act_by) == (dt.date(2027, 1, 19), dt.date(2027, 1, 15))
    hearings.record_outcome(
        attorney, case_id, hearing_id, Outcome(what="reset"), version=1, next_hearing=_individual(dt.date(2027, 3, 17))
    )
    # 30 days before Wed 17 Mar 2027 is Mon 15 Feb 2027, Washington's Birthday: manual 16 Feb, act by Fri 12 Feb.
    second = _by_rule(attorney, case_id)["us.eoir.individual.filings"]
    assert (second.due_on, second.act_by) == (dt.date(2027, 2, 16), dt.date(2027, 2, 12))
    assert "us.eoir.individual.filings" in _by_rule(attorney, case_id, state="superseded")


def test_a_denial_starts_the_appeal_clock_by_the_shortest_reading(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Tesfaye Bekele"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2026, 11, 24)))
    hearings.record_outcome(attorney, case_id, hearing_id, Outcome(what="decided", decision="denied"), version=1)
    appeal = _by_rule(attorney, case_id)["us.bia.appeal"]
    # 10 days after Tue 24 Nov 2026 is Fri 4 Dec; the other reading, 30 days, is Thu 24 Dec 2026.
    assert appeal.act_by == dt.date(2026, 12, 4)
    assert appeal.working is not None
    assert any(other[1] == "2026-12-24" for other in appeal.working.others)
    assert appeal.severity == "fatal"


def test_a_waived_appeal_starts_no_appeal_clock(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Samira Haddad"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2026, 11, 24)))
    outcome = Outcome(what="decided", decision="denied", appeal_waived=True)
    hearings.record_outcome(attorney, case_id, hearing_id, outcome, version=1)
    assert set(_by_rule(attorney, case_id)) == {"us.ij.reopen", "us.ij.reconsider"}


def test_a_detained_persons_hearing_promises_no_computed_date(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Luis Hernández Paz"))
    hearing = replace(_individual(dt.date(2027, 2, 17)), detained=True)
    hearings.book_hearing(attorney, case_id, hearing)
    assert _by_rule(attorney, case_id) == {}


def test_a_request_for_evidence_by_mail_counts_three_more_days_but_acts_without_them(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Aminata Diallo"))
    answers = {"rfe_form": "other"}
    notices.record_notice(attorney, case_id, what="rfe", dated_on=dt.date(2026, 3, 2), how="mail", answers=answers)
    deadline = _by_rule(attorney, case_id)["us.uscis.rfe"]
    assert deadline.due_on == dt.date(2026, 5, 28)  # 87 days after Mon 2 Mar 2026 (vector v023)
    assert deadline.act_by == dt.date(2026, 5, 26)  # 84 days is Mon 25 May, Memorial Day: Tuesday (vector v024)


def test_a_date_printed_on_the_paper_wins_when_it_is_earlier(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Roza Aliyeva"))
    notices.record_notice(
        attorney,
        case_id,
        what="rfe",
        dated_on=dt.date(2026, 10, 2),
        printed_due_on=dt.date(2026, 12, 1),
        answers={"rfe_form": "other"},
    )
    deadline = _by_rule(attorney, case_id)["us.uscis.rfe"]
    assert (deadline.due_on, deadline.act_by) == (dt.date(2026, 12, 1), dt.date(2026, 12, 1))


def test_a_change_of_address_in_court_tells_court_and_dhs(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Kwame Mensah", stage="in_court"))
    notices.record_notice(attorney, case_id, what="address_change", dated_on=dt.date(2026, 11, 21))
    found = _by_rule(attorney, case_id)
    assert set(found) == {"us.eoir.address.court", "us.uscis.ar11"}
    assert found["us.eoir.address.court"].due_on == dt.date(2026, 11, 26)  # vector v111
    assert found["us.uscis.ar11"].due_on == dt.date(2026, 12, 1)  # 10 days, no roll


def test_done_waived_and_back(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Jean-Baptiste Pierre"))
    deadline_id = acts.set_by_hand(
        attorney, case_id, what="Brief", due_on=dt.date(2027, 1, 8), severity="fatal", reason="briefing schedule"
    )
    acts.mark_done(attorney, case_id, deadline_id, version=1, note="filed at the window")
    with pytest.raises(EditConflict):
        acts.waive_deadline(attorney, case_id, deadline_id, reason="late click", version=1)
    entry = _open(attorney, case_id).get(deadline_id, Deadline)
    assert (entry.record.state, entry.record.planned) == ("done", ())
    acts.reopen_deadline(attorney, case_id, deadline_id, version=entry.version)
    again = _open(attorney, case_id).get(deadline_id, Deadline).record
    assert again.state == "open"
    assert again.planned


def test_whoever_entered_a_date_is_not_its_second_person(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Marcela Quispe"))
    deadline_id = acts.set_by_hand(
        attorney, case_id, what="Brief", due_on=dt.date(2027, 1, 8), severity="fatal", reason="briefing schedule"
    )
    with pytest.raises(Refused):
        acts.record_check(attorney, case_id, deadline_id, version=1)


def test_undo_takes_a_new_note_out_and_puts_an_old_text_back(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Min Thu Aung"))
    note_id = notes.add_note(attorney, case_id, text="first")
    notes.change_note(attorney, case_id, note_id, text="second", version=1)
    undo.undo_change(attorney, case_id, note_id, 2)
    assert _open(attorney, case_id).get(note_id, Note).record.text == "first"
    other = notes.add_note(attorney, case_id, text="a slip")
    undo.undo_change(attorney, case_id, other, 1)
    with pytest.raises(NotFound):
        _open(attorney, case_id).get(other, Note)


def test_every_save_writes_exactly_one_plan_row(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Yusuf Abdi", last_arrival_on=dt.date(2026, 4, 9)))
    before = _plan_rows(attorney)
    notes.add_note(attorney, case_id, text="no date in this one")
    assert _plan_rows(attorney) == before + 1


def _plan_rows(staff: Staff) -> int:
    with office_transaction(staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def test_the_index_shows_what_was_saved(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Nguyễn Thị Lan", a_number="A 000-000-417"))
    hearings.book_hearing(attorney, case_id, _individual(dt.date(2027, 2, 17)))
    with office_transaction(attorney.org_id):
        view = reader.open_view(attorney.keys)
        row = view.find_row(case_id)
        hits = view.search_cases("nguyen")
    file = _open(attorney, case_id)
    assert row is not None
    assert row.ref == file.get_only(Case).record.ref
    assert (row.head_version, row.head_digest) == (file.head_version, file.head_digest)
    assert [hearing.kind for hearing in row.hearings] == ["individual"]
    assert [hit.case_id for hit in hits] == [case_id]


def test_a_person_of_another_office_finds_nothing(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Gabriela Rojas"))
    party = _open(attorney, case_id).get_only(Party)
    outsider = cast.found(name="Otto", email="otto@elsewhere.test")
    with office_transaction(outsider.org_id), pytest.raises(NotFound):
        case_access.open_case(outsider.keys, case_id)
    with pytest.raises(NotFound):
        people.set_last_arrival(outsider, case_id, party.id, dt.date(2026, 1, 1), version=1)


@pytest.mark.parametrize("name", ["", "   ", "x" * 5000])
def test_a_name_that_cannot_be_one_is_refused_with_a_sentence(attorney: Staff, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        cases.open_case(attorney, cases.NewCase(name=name))
    assert refusal.value.sentence


def test_a_kept_working_gives_the_same_dates_when_it_is_computed_again(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    working = _by_rule(attorney, case_id)["us.asylum.one_year"].working
    assert working is not None
    again = rules.replay({"rule": working.rule, "version": working.version, "inputs": working.inputs})
    assert (str(again.due_on), str(again.act_by)) == (working.due_on, working.act_by)


def test_undo_takes_no_person_and_no_hearing_out_of_a_case(attorney: Staff) -> None:
    case_id = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    hearing_id = hearings.book_hearing(attorney, case_id, _individual(dt.date(2027, 2, 17)))
    for record_id in (_open(attorney, case_id).get_only(Party).id, hearing_id):
        with pytest.raises(Refused):
            undo.undo_change(attorney, case_id, record_id, 1)
