"""Closing a case with the day until which it is kept, legal holds, and permanent destruction.

Destruction removes the rows and the shred half. Without its half a file cannot be opened again, in any copy of the
database, with any key. What an old copy of the *index* says about a case (a line of names and numbers) can be opened by
the members of its team for as long as that copy is kept: `docs/security.md`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, groups, members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal
from caseapp.accounts.models import Destruction
from caseapp.casefile import case_access, file_storage
from caseapp.casefile.index_entries import conflict_index
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.casefile.transaction import case_transaction
from caseapp.index import store as index
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import CLOSE_CODES, STAGES, Case
from caseapp.records.certificate import Activity
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.reminders.planning import plan
from caseapp.vault import delete_rows, past_versions, shred_keys, store
from caseapp.vault.doubts import refuse_damaged, refuse_doubtful, refuse_newer
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access, Share
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office_transaction

CLOSED, SHRED = "closed", "shred"
REASON_LIMIT = 500  # characters


@dataclass(frozen=True)
class OpenDates:
    """Dates that keep a case from being closed: deadlines that are still open, hearings without an outcome."""

    deadlines: int
    hearings: int

    @property
    def total(self) -> int:
        """Return the number of open dates."""
        return self.deadlines + self.hearings


@dataclass(frozen=True)
class Certificate:
    """Record of a destroyed case.

    `is_destroyed` is True if, checked just now, its shred half is not on this machine.
    """

    id: UUID
    record: Activity
    by: str
    is_destroyed: bool


def open_dates(file: SealedFile) -> OpenDates:
    """Return the dates of a case that still need a decision."""
    hearings = (entry.record for entry in file.entries_of(Hearing))
    return OpenDates(
        sum(entry.record.state == "open" for entry in file.entries_of(Deadline)),
        sum(hearing.outcome is None and hearing.superseded_by is None for hearing in hearings),
    )


def close_case(staff: Staff, case_id: UUID, *, code: str, retain_until: dt.date, version: int) -> None:
    """Close a case, to be kept until the end of a day that the office decides. Reminders end with the save.

    Raises EditConflict, and Refused for an unknown code, a day before today, a case that is closed, and while dates are
    open: each deadline is done or recorded as not required first, each hearing has its outcome.
    """
    permissions.require(staff, "close_case")
    today = clock.today(staff.zone)
    _check_closing(code, retain_until, today)
    with case_transaction(staff, case_id, what="case.close") as draft:
        entry = draft.file.get_only(Case)
        if entry.record.closed_on is not None:
            raise Refused("closed", "This case is closed already.")
        _refuse_open_dates(draft.file)
        closed = replace(entry.record, stage=CLOSED, close_code=code, closed_on=today, retain_until=retain_until)
        draft.change(entry.id, closed, version=version)


def _check_closing(code: str, retain_until: dt.date, today: dt.date) -> None:
    if code not in CLOSE_CODES:
        raise Refused("code", "Choose how the case ended.")
    if retain_until < today:
        raise Refused("retain_until", "Choose a day from today on.")


def _refuse_open_dates(file: SealedFile) -> None:
    if left := open_dates(file).total:
        raise Refused(
            "open_dates",
            "Dates of this case are still open: %(count)d. Do each of them first, or record that it is not required.",
            {"count": left},
        )


def reopen_case(staff: Staff, case_id: UUID, *, stage: str, version: int) -> None:
    """Reopen a closed case at a stage. Raises EditConflict, and Refused for a case that is not closed."""
    permissions.require(staff, "close_case")
    if stage not in STAGES or stage == CLOSED:
        raise Refused("stage", "Choose a stage.")
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get_only(Case)
        if entry.record.closed_on is None:
            raise Refused("open", "This case is open.")
        opened = replace(entry.record, stage=stage, close_code="", closed_on=None, retain_until=None)
        draft.change(entry.id, opened, version=version)


def set_hold(staff: Staff, case_id: UUID, *, reason: str) -> None:
    """Set a legal hold: the case is not destroyed while it is in force. An existing hold gets the new reason.

    Raises Refused without a reason or for one over 500 characters.
    """
    permissions.require(staff, "close_case")
    reason_text = _checked_reason(reason)
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get_only(Case)
        hold = {"hold_reason": reason_text, "held_by": staff.member_id, "held_on": clock.today(staff.zone)}
        draft.change(entry.id, replace(entry.record, **hold))


def lift_hold(staff: Staff, case_id: UUID) -> None:
    """End a legal hold. Raises Refused where there is none."""
    permissions.require(staff, "close_case")
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get_only(Case)
        if not entry.record.hold_reason:
            raise Refused("hold", "There is no legal hold on this case.")
        draft.change(entry.id, replace(entry.record, hold_reason="", held_by=None, held_on=None))


def _checked_reason(text: str) -> str:
    reason = text.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused("reason", "Write the reason, in at most 500 characters.")
    return reason


def refuse_unless_destroyable(staff: Staff, file: SealedFile) -> None:
    """Raise Refused if a case may not be destroyed: open, held, still to be kept, damaged, or only shared."""
    case = file.get_only(Case).record
    if file.newer:
        raise refuse_newer()
    if file.damaged:
        raise refuse_damaged()
    if file.doubt:
        raise refuse_doubtful(file.doubt)
    if case.closed_on is None or case.retain_until is None:
        raise Refused("not_closed", "This case is not closed. Close it first.")
    if case.hold_reason:
        raise Refused("hold", "There is a legal hold on this case. Until it is lifted nothing is destroyed.")
    if clock.today(staff.zone) <= case.retain_until:
        raise Refused("retention", "The day until which this case is kept is not over.")
    if open_dates(file).total:
        raise Refused(
            "open_dates",
            "Dates of this case are still open. Do each of them first, or record that it is not required.",
        )
    _refuse_shared(staff, file)


def _refuse_shared(staff: Staff, file: SealedFile) -> None:
    try:
        staff.keys.group(file.get_only(Access).record.home_group_id)
    except NoKey:
        raise Refused("shared", "This case was shared with you. Its own team decides about its end.") from None


def shred_case(staff: Staff, case_id: UUID, *, typed_ref: str, reason: str) -> UUID:
    """Destroy a closed case permanently. Return the certificate's id.

    The caller must have asked for the passphrase again.

    One transaction: reminders, index lines, rows, documents, the order to destroy the shred half, the certificate and
    the audit entry. The half is destroyed when that is committed; after a crash in between, by the next housekeeping.
    Raises NotFound, and Refused as `refuse_unless_destroyable`, for another reference, or without a reason.
    """
    permissions.require(staff, "shred_case")
    reason_text = _checked_reason(reason)
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id, lock=True)
        refuse_unless_destroyable(staff, file)
        if typed_ref.strip().casefold() != file.get_only(Case).record.ref.casefold():
            raise Refused("typed_ref", "This is not the reference of this case.")
        access = file.get_only(Access).record
        certificate = _destroy_records(staff, file, reason_text)
        conflict_index.write_destroyed(staff.keys, case_id, file.head_version + 1)
        index.save(staff.keys, {access.home_group_id: [(case_id, None)]})
        for share in access.shares:
            index.drop(staff.org_id, share.key.group)
    # In transactions of their own, as when a case moves, so that nothing of its line remains in the team's index.
    index.change_epoch(staff.keys, access.home_group_id)
    for share in access.shares:
        _forget_share(staff, share)
    return certificate


def _destroy_records(staff: Staff, file: SealedFile, reason: str) -> UUID:
    """Destroy everything except the index, in the order in which rows are locked. Return the certificate's id."""
    dated: list[reminder_schedule.Dated] = [*file.entries_of(Deadline), *file.entries_of(Hearing)]
    token_key = file.get_only(Access).record.token_key
    blob_ids = _blob_ids(file)
    papers = file_storage.release_blobs(staff.org_id, blob_ids)
    certificate = _write_certificate(staff, file, reason, papers)
    delete_rows.delete_rows(file)
    plan.write(
        staff.org_id, [], [series for entry in dated for series in reminder_schedule.series_of(entry, token_key)]
    )
    org_id, case_id = staff.org_id, file.id
    Destruction.objects.update_or_create(org_id=org_id, subject=case_id, defaults={"folder": "cases"})
    audit_trail.record_entry(staff.keys, "case.shred", file=file, target=certificate)
    # robust: the case is gone already, so an error is only logged; the next housekeeping destroys the half.
    transaction.on_commit(lambda: file_storage.record_released(org_id, blob_ids), robust=True)
    transaction.on_commit(lambda: removal.destroy_shred_half(org_id, case_id), robust=True)
    return certificate


def _blob_ids(file: SealedFile) -> set[UUID]:
    """Return the blob ids of the case's documents, including removed documents and earlier versions."""
    return {version.blob for document in _all_document_versions(file) for version in document.files}


def _all_document_versions(file: SealedFile) -> Iterator[Document]:
    yield from (entry.record for entry in file.entries_of(Document))
    for record_id, version, _ in file.head.past:
        # A version that cannot be opened leaves its bytes in storage; their key is destroyed with the case.
        with suppress(NotFound, OpenFailed):
            record = past_versions.past_version(file, record_id, version)
            if isinstance(record, Document):
                yield record


def _write_certificate(staff: Staff, file: SealedFile, reason: str, papers: int) -> UUID:
    case = file.get_only(Case).record
    draft = Draft(store.open_file(staff.keys, staff.keys.office_file, lock=True), by=staff.member_id)
    certificate = draft.add(
        Activity(
            what=SHRED,
            on=clock.today(staff.zone),
            subject=file.id,
            ref=case.ref,
            reason=reason,
            closed_on=case.closed_on,
            close_code=case.close_code,
            retain_until=case.retain_until,
            records=len(file.entries),
            papers=papers,
        )
    )
    store.write_draft(draft)
    return certificate


def _forget_share(staff: Staff, share: Share) -> None:
    if share.group is None or not staff.keys.epochs_of(share.group):
        return
    group_id, ended = share.group, share.key.group
    with office_transaction(staff.org_id):
        groups.change_roster(
            staff.keys, group_id, lambda r: replace(r, shares=tuple(key for key in r.shares if key.group != ended))
        )


def list_certificates(staff: Staff) -> tuple[Certificate, ...]:
    """Return the certificates of the cases destroyed in this office, newest first."""
    with office_transaction(staff.org_id):
        file = store.open_file(staff.keys, staff.keys.office_file)
        people = {person.member_id: person.name for person in members.read_directory(staff.keys).people}
        entries = sorted(file.entries_of(Activity), key=lambda entry: (entry.record.on, entry.record.ref), reverse=True)
    return tuple(
        Certificate(
            entry.id,
            entry.record,
            people.get(entry.record.entered_by, "") if entry.record.entered_by else "",
            _is_destroyed(entry.record.subject),
        )
        for entry in entries
        if entry.record.what == SHRED
    )


def get_certificate(staff: Staff, certificate_id: UUID) -> Certificate:
    """Return one certificate. Raises NotFound."""
    match = next((candidate for candidate in list_certificates(staff) if candidate.id == certificate_id), None)
    if match is None:
        raise NotFound(f"certificate {certificate_id}")
    return match


def _is_destroyed(case_id: UUID) -> bool:
    try:
        shred_keys.candidate_halves("cases", case_id)
    except shred_keys.Shredded:
        return True
    return False
