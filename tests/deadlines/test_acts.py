"""What people do with a date: done with proof, waived by a lawyer, moved, checked by a second person, taken back."""

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import BlobWriter
from caseapp.cases.services import cases
from caseapp.deadlines.services import acts
from caseapp.documents import services as documents
from caseapp.lib import clock
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
ARRIVED = dt.date(2026, 4, 9)
# One year after Thu 9 Apr 2026 is Fri 9 Apr 2027; our safe day is the one before.
DUE, SAFE = dt.date(2027, 4, 9), dt.date(2027, 4, 8)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: object) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)
    settings.BLOBS = tmp_path  # type: ignore[attr-defined]  # django's settings


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(attorney: Staff) -> UUID:
    return cases.open_case(attorney, cases.NewCase(name="Farid Karimi", last_arrival_on=ARRIVED))


def _one_year(staff: Staff, case_id: UUID) -> Entry[Deadline]:
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id).get_only(Deadline)


def _another(staff: Staff) -> Staff:
    """Somebody else with the same keys: what the second person's session would hold."""
    keys = replace(staff.keys, member_id=UUID(int=2))
    return replace(staff, keys=keys, name="Ben Okafor")


def test_a_fatal_date_is_done_only_with_a_paper_or_a_note(attorney: Staff, case_id: UUID) -> None:
    deadline_id = _one_year(attorney, case_id).id
    with pytest.raises(Refused) as refusal:
        acts.mark_done(attorney, case_id, deadline_id, version=1)
    assert refusal.value.code == "proof_note"
    assert _one_year(attorney, case_id).record.state == "open"
    acts.mark_done(attorney, case_id, deadline_id, version=1, note="Receipt ZLA0000000417")
    record = _one_year(attorney, case_id).record
    assert (record.state, record.proof_note, record.closed_on) == (
        "done",
        "Receipt ZLA0000000417",
        dt.date(2026, 11, 24),
    )


def test_a_paper_of_the_case_is_proof_and_one_of_another_case_is_not(attorney: Staff, case_id: UUID) -> None:
    other_case = cases.open_case(attorney, cases.NewCase(name="Olena Kovalenko"))
    theirs, ours = _paper(attorney, other_case), _paper(attorney, case_id)
    deadline_id = _one_year(attorney, case_id).id
    with pytest.raises(NotFound):
        acts.mark_done(attorney, case_id, deadline_id, version=1, document=theirs)
    acts.mark_done(attorney, case_id, deadline_id, version=1, document=ours)
    assert _one_year(attorney, case_id).record.proof_document == ours


def _paper(staff: Staff, case_id: UUID) -> UUID:
    writer = BlobWriter(staff.org_id)
    writer.write(b"Received.")
    documents.add_documents(staff, case_id, [("receipt.txt", writer.finish())])
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id).get_only(Document).id


def test_a_routine_date_is_done_without_proof(attorney: Staff, case_id: UUID) -> None:
    deadline_id = acts.set_by_hand(
        attorney, case_id, what="Call", due_on=dt.date(2026, 12, 1), severity="routine", reason="agreed"
    )
    acts.mark_done(attorney, case_id, deadline_id, version=1)
    with office_transaction(attorney.org_id):
        record = case_access.open_case(attorney.keys, case_id).get(deadline_id, Deadline).record
    assert record.state == "done"


def test_only_a_lawyer_waives(attorney: Staff, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    with pytest.raises(Refused) as refusal:
        # Ben is on no signed roster as an attorney: what his own profile says of him does not count.
        acts.waive_deadline(_another(attorney), case_id, entry.id, reason="no longer needed", version=1)
    assert refusal.value.code == "lawyer"
    assert _one_year(attorney, case_id).record.state == "open"
    acts.waive_deadline(attorney, case_id, entry.id, reason="Has asylum elsewhere", version=1)
    record = _one_year(attorney, case_id).record
    assert (record.state, record.closed_reason) == ("waived", "Has asylum elsewhere")


def test_a_waiver_without_a_reason_is_refused(attorney: Staff, case_id: UUID) -> None:
    with pytest.raises(Refused) as refusal:
        acts.waive_deadline(attorney, case_id, _one_year(attorney, case_id).id, reason="  ", version=1)
    assert refusal.value.code == "reason"


def test_our_own_date_stands_beside_the_computed_one(attorney: Staff, case_id: UUID) -> None:
    deadline_id = _one_year(attorney, case_id).id
    chosen = dt.date(2027, 3, 1)
    with pytest.raises(Refused):
        acts.set_own_dates(attorney, case_id, deadline_id, to=chosen, target=None, reason="", version=1)
    acts.set_own_dates(attorney, case_id, deadline_id, to=chosen, target=None, reason="before the trip", version=1)
    record = _one_year(attorney, case_id).record
    assert (record.moved_to, record.moved_by, record.moved_reason) == (chosen, attorney.member_id, "before the trip")
    assert (record.due_on, record.act_by) == (DUE, SAFE)
    acts.set_own_dates(attorney, case_id, deadline_id, to=None, target=None, reason="", version=2)
    record = _one_year(attorney, case_id).record
    assert (record.moved_to, record.moved_by, record.moved_reason) == (None, None, "")


def test_a_second_person_who_came_to_the_same_date_has_checked_it(attorney: Staff, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    acts.record_check(_another(attorney), case_id, entry.id, version=1, on=SAFE)
    check = _one_year(attorney, case_id).record.checks[0]
    assert (check.by, check.on, check.same) == (UUID(int=2), SAFE, True)


def test_a_differing_date_is_kept_as_a_disagreement(attorney: Staff, case_id: UUID) -> None:
    from caseapp.records import deadline

    entry = _one_year(attorney, case_id)
    acts.record_check(_another(attorney), case_id, entry.id, version=1, on=dt.date(2027, 4, 12))
    record = _one_year(attorney, case_id).record
    assert [(check.on, check.same) for check in record.checks] == [(dt.date(2027, 4, 12), False)]
    assert deadline.disagreeing_checks(record)
    assert not deadline.is_checked(record)
    # They look again and agree: their newer word stands.
    acts.record_check(_another(attorney), case_id, entry.id, version=2)
    record = _one_year(attorney, case_id).record
    assert deadline.is_checked(record)


def test_who_acts_has_seen_it_and_seen_is_not_done(attorney: Staff, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    planned = entry.record.planned
    acts.acknowledge_deadline(attorney, case_id, entry.id, version=1)
    record = _one_year(attorney, case_id).record
    assert [(seen.by, seen.on) for seen in record.seen] == [(attorney.member_id, dt.date(2026, 11, 24))]
    assert (record.state, record.planned) == ("open", planned)  # decision 16: whoever has seen it, escalation goes on


def test_undo_within_30_days_puts_it_back_and_reminders_start_again(
    attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = _one_year(attorney, case_id)
    acts.mark_done(attorney, case_id, entry.id, version=1, note="filed")
    assert _one_year(attorney, case_id).record.planned == ()
    acts.undo_change(attorney, case_id, entry.id, version=2)
    again = _one_year(attorney, case_id)
    assert (again.record.state, again.record.proof_note, again.version) == ("open", "", 3)
    assert again.record.planned == entry.record.planned
    assert again.record.plan_version > entry.record.plan_version  # a withdrawn token never counts again


def test_undo_after_30_days_is_too_late(attorney: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = _one_year(attorney, case_id)
    acts.set_own_dates(attorney, case_id, entry.id, to=dt.date(2027, 3, 1), target=None, reason="trip", version=1)
    monkeypatch.setattr(clock, "now", lambda: TODAY + dt.timedelta(days=31))
    with pytest.raises(NotFound):
        acts.undo_change(attorney, case_id, entry.id, version=2)
    assert _one_year(attorney, case_id).record.moved_to == dt.date(2027, 3, 1)


def test_undo_of_an_older_version_is_a_conflict(attorney: Staff, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    acts.acknowledge_deadline(attorney, case_id, entry.id, version=1)
    acts.set_own_dates(attorney, case_id, entry.id, to=dt.date(2027, 3, 1), target=None, reason="trip", version=2)
    with pytest.raises(EditConflict):
        acts.undo_change(attorney, case_id, entry.id, version=2)


def test_a_closed_date_is_neither_moved_nor_closed_again(attorney: Staff, case_id: UUID) -> None:
    entry = _one_year(attorney, case_id)
    acts.mark_done(attorney, case_id, entry.id, version=1, note="filed")
    with pytest.raises(Refused):
        acts.set_own_dates(attorney, case_id, entry.id, to=dt.date(2027, 3, 1), target=None, reason="trip", version=2)
    with pytest.raises(Refused):
        acts.waive_deadline(attorney, case_id, entry.id, reason="twice", version=2)
