"""Answers of a conflict check that count: of an officer who is one still, about this case and these people."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.casefile.transaction import case_transaction
from caseapp.conflicts import panels
from caseapp.conflicts.models import ConflictRequest
from caseapp.conflicts.panels import ConflictLine
from caseapp.conflicts.services import checks, content, officer
from caseapp.records.conflict_check import ConflictCheck
from caseapp.records.party import Party
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import make_officer, open_case
from tests.helpers.cast import colleague_of, signed_in
from tests.helpers.corrections import move_clock
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.django_db


def _line(worker: Worker, case_id: UUID) -> ConflictLine:
    return panels.check_line(worker.staff, worker.file(case_id))


def _answered(worker: Worker, case_id: UUID, decision: str = "cleared", *, email: str = "ana@office.test") -> UUID:
    """A check of a case with the answer of an officer. Return its request."""
    checks.request_check(worker.staff, case_id)
    entry = checks.newest_check(worker.file(case_id))
    assert entry is not None
    officer.answer_check(
        signed_in(email), entry.record.request, decision=decision, sentence="Read with care", reason="No one", shown=0
    )
    return entry.record.request


def _put_check(worker: Worker, case_id: UUID, **fields: bytes | UUID) -> None:
    """Write into a case past the program what a member with its key could: another request, key or digest."""
    with case_transaction(worker.staff, case_id) as draft:
        entry = draft.file.entries_of(ConflictCheck)[0]
        draft.change(entry.id, replace(entry.record, **fields))


def _requests(worker: Worker) -> int:
    with office_transaction(worker.staff.org_id):
        return ConflictRequest.objects.count()


@pytest.fixture
def ben(attorney: Worker) -> UUID:
    """A second conflict officer."""
    member_id = colleague_of(attorney.staff)
    make_officer(attorney.staff, member_id)
    return member_id


def test_an_answer_about_another_case_does_not_count(attorney: Worker) -> None:
    asked, other = (open_case(attorney.staff, name) for name in ("Halima Yusuf", "Halima Yusuf"))
    _answered(attorney, other)
    checks.request_check(attorney.staff, asked)
    taken = attorney.file(other).get_only(ConflictCheck).record
    _put_check(attorney, asked, request=taken.request, answer_key=taken.answer_key)
    assert _line(attorney, other).state == "cleared"
    assert _line(attorney, asked).state == "waiting"


def test_an_answer_about_other_people_does_not_count(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Halima Yusuf")
    _answered(attorney, case_id)
    with case_transaction(attorney.staff, case_id) as draft:
        client = draft.file.entries_of(Party)[0]
        draft.change(client.id, replace(client.record, a_number="000123499"))
    now = content.digest_of(checks.people_of_case(attorney.file(case_id)))
    _put_check(attorney, case_id, asked=now)
    line = _line(attorney, case_id)
    assert (line.state, line.is_current) == ("waiting", True)


def test_an_answer_counts_while_its_officer_is_one(attorney: Worker, ben: UUID) -> None:
    case_id = open_case(attorney.staff, "Halima Yusuf")
    _answered(attorney, case_id, email="ben@office.test")
    line = _line(attorney, case_id)
    assert (line.state, line.is_current, line.has_left) == ("cleared", True, False)
    checks.request_check(attorney.staff, case_id)
    assert _requests(attorney) == 1


def test_the_answer_of_a_former_officer_is_shown_and_asked_for_again(
    attorney: Worker, ben: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = open_case(attorney.staff, "Halima Yusuf")
    _answered(attorney, case_id, email="ben@office.test")
    make_officer(attorney.staff, ben, is_officer=False)
    line = _line(attorney, case_id)
    assert (line.state, line.is_current, line.has_left) == ("cleared", False, True)
    page = attorney.client.get(f"/cases/{case_id}/conflict/").content.decode()
    assert "The person who answered is no longer a conflict officer." in page
    move_clock(monkeypatch, minutes=1)
    checks.request_check(attorney.staff, case_id)
    assert _requests(attorney) == 2
    assert _line(attorney, case_id).state == "waiting"


def test_what_a_former_officer_answers_past_the_program_does_not_count(
    attorney: Worker, ben: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = open_case(attorney.staff, "Halima Yusuf")
    checks.request_check(attorney.staff, case_id)
    theirs = signed_in("ben@office.test")
    (waiting,), _total = officer.waiting_checks(theirs.keys)
    make_officer(attorney.staff, ben, is_officer=False)
    monkeypatch.setattr(officer, "require_officer", lambda keys: None)
    officer.answer_check(theirs, waiting.id, decision="cleared", sentence="", reason="Mine", shown=0)
    line = _line(attorney, case_id)
    assert (line.is_current, line.has_left) == (False, True)
