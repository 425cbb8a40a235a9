"""Undo of one save of a case, for 30 days: what it added goes, and what it changed is as before.

Refused while something later depends on it. Deadlines that it started end and stay visible; what a member filed or
closed is never taken back with the entry that it followed from. A consent or a STOP of a client is never undone.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.preview import require_shown_state
from caseapp.casefile.changes.saved_changes import (
    RecordChange,
    SavedChange,
    changed_fields,
    is_in_force,
    later_fields,
    put_back,
    saved_changes,
)
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import custody
from caseapp.deadlines.services.corrections import follow
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import TEXT, ContactAttempt
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import TAKEN_BACK, Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.history import History
from caseapp.records.notice import Notice
from caseapp.records.proceeding import Proceeding
from caseapp.vault import past_versions
from caseapp.vault.head import Access
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Draft, Entry, SealedFile

ACTED_ON = ("done", "waived")
UNDONE_AS_STEP = (custody.FACILITY, custody.DATES)  # steps that name what they changed; a release is one record
KEPT_TOGETHER = (Case, Deadline, Proceeding)  # records in which a later change of a field stays without a question


@dataclass(frozen=True)
class Dependence:
    """Something later that depends on a save, so that it cannot be taken back.

    why     filing, closed, changed, refers, proof, sent, custody, more
    record  the later record, or the one that was changed
    """

    why: str
    record: Record


def find_change(file: SealedFile, mark: str) -> SavedChange:
    """Return the save that a form names. Raises NotFound when it is none of the last 30 days."""
    for change in saved_changes(file):
        if change.mark == mark:
            return change
    raise NotFound("a change of the last 30 days")


def undo_saved_change(staff: Staff, case_id: UUID, mark: str, *, head_version: int) -> None:
    """Take back one save, with the deadlines and reminders that followed from it.

    head_version  the state of the case for which the member saw what would be taken back
    Raises        NotFound; Refused for another state, while something later depends on it, and where a fatal deadline
                  would end and the member is no lawyer of the case's team
    """
    with case_transaction(staff, case_id, what="case.undo") as draft:
        require_shown_state(draft, head_version)
        undo_in_draft(draft, staff, find_change(draft.file, mark))


def find_dependences(file: SealedFile, change: SavedChange) -> list[Dependence]:
    """Return everything later that depends on a save."""
    if any(isinstance(item.after, Case) and item.before is None for item in change.records):
        own = {item.id for item in change.records}
        later = [e.record for e in file.entries.values() if e.id not in own and not isinstance(e.record, Access)]
        return [Dependence("more", record) for record in later[:1]] + list(_closed_deadlines(file, change))
    return [later for item in change.records for later in _dependences_of(file, change, item)]


def _dependences_of(file: SealedFile, change: SavedChange, item: RecordChange) -> Iterator[Dependence]:
    entry = file.entries.get(item.id)
    if isinstance(item.after, Consent) or (isinstance(item.after, ContactAttempt) and item.after.way == TEXT):
        yield Dependence("sent", item.after)
    if entry is None:
        return
    current = entry.record
    if isinstance(current, CustodyStep) and current.what in UNDONE_AS_STEP:
        if item.before is not None or not custody.can_undo(file, Entry(item.id, entry.version, current), today=_utc()):
            yield Dependence("custody", current)
        return
    if isinstance(current, Deadline):
        if item.before is None:
            yield from _acts_on(current)
        return
    if not isinstance(current, KEPT_TOGETHER) and later_fields(item, current):
        yield Dependence("changed", current)
    if item.before is None:
        yield from _references(file, change, item.id)


def _closed_deadlines(file: SealedFile, change: SavedChange) -> Iterator[Dependence]:
    for item in change.records:
        entry = file.entries.get(item.id)
        if entry is not None and isinstance(entry.record, Deadline):
            yield from _acts_on(entry.record)


def _acts_on(deadline: Deadline) -> Iterator[Dependence]:
    if deadline.filings:
        yield Dependence("filing", deadline)
    elif deadline.state in ACTED_ON:
        yield Dependence("closed", deadline)


def _references(file: SealedFile, change: SavedChange, record_id: UUID) -> Iterator[Dependence]:
    """Yield the records of other saves that refer to an added record: they would refer to nothing."""
    own = {item.id for item in change.records}
    for entry in file.entries.values():
        record = entry.record
        if entry.id in own or isinstance(record, Access | Case):
            continue
        if isinstance(record, Deadline):
            yield from _deadline_references(record, record_id)
        elif record_id in _references_of(record):
            yield Dependence("refers", record)


def _deadline_references(deadline: Deadline, record_id: UUID) -> Iterator[Dependence]:
    if record_id == deadline.proof_document or any(step.document == record_id for step in deadline.filings):
        yield Dependence("proof", deadline)
    elif record_id == deadline.trigger:
        yield from _acts_on(deadline)
    elif record_id in deadline.parties and deadline.state == "open":
        yield Dependence("refers", deadline)


def _references_of(record: Record) -> tuple[UUID | None, ...]:
    """Return the ids that a record refers to. A call about a hearing stays when the hearing goes."""
    if isinstance(record, Hearing | Notice):
        return record.parties
    if isinstance(record, ContactAttempt | Consent | CustodyStep | History):
        return (record.party,)
    return ()


def undo_in_draft(draft: Draft, staff: Staff, change: SavedChange) -> tuple[follow.KeptDeadline, ...]:
    """Take back one save in a draft, as `undo_saved_change`."""
    if not any(is_in_force(item, _current(draft.file, item.id)) for item in change.records):
        raise Refused("undo", "This was taken back already.")
    if draft.file.get_only(Case).record.closed_on is not None:
        raise Refused("undo", "This case is closed. Open it again first.")
    if find_dependences(draft.file, change):
        raise Refused("undo", "Something later depends on this change. Take that back or correct it first.")
    if any(isinstance(item.after, Case) and item.before is None for item in change.records):
        _close_opened_case(draft, staff, change)
        return ()
    for item in change.records:
        if isinstance(item.after, CustodyStep) and item.after.what in UNDONE_AS_STEP:
            custody.undo_in_draft(draft, staff, item.id)
            return ()
    for item in change.records:
        _take_back(draft, staff, item)
    _end_orphans(draft, staff)
    return ()


def _take_back(draft: Draft, staff: Staff, item: RecordChange) -> None:
    current = _current(draft.file, item.id)
    if current is None:
        return
    if item.before is None:
        _take_out(draft, staff, item.id, current)
        return
    restored = put_back(item, current)
    if isinstance(current, Deadline) and isinstance(restored, Deadline):
        ends = current.state == "open" and restored.state != "open"
        follow.require_lawyer(draft, staff, [Entry(item.id, 0, current)] if ends else ())
    if changed_fields(current, restored):
        draft.change(item.id, restored)
    if isinstance(restored, Hearing) and restored.outcome is not None and restored.outcome.next_hearing is not None:
        _bring_back(draft, restored.outcome.next_hearing)


def _take_out(draft: Draft, staff: Staff, record_id: UUID, current: Record) -> None:
    """Take out a record that a save added. A deadline ends and stays visible, a document only leaves the view."""
    if isinstance(current, Deadline):
        if current.state == "open":
            follow.end_deadlines(draft, staff, [draft.file.get(record_id, Deadline)], TAKEN_BACK)
    elif isinstance(current, Document):
        draft.change(record_id, replace(current, removed_on=clock.today(staff.zone)))
    elif isinstance(current, Proceeding) and _is_used(draft.file, record_id):
        return
    else:
        draft.remove(record_id)


def _is_used(file: SealedFile, proceeding_id: UUID) -> bool:
    return any(entry.record.proceeding == proceeding_id for entry in file.entries_of(Hearing))


def _bring_back(draft: Draft, hearing_id: UUID) -> None:
    """Put back a next hearing that a correction of its outcome had taken out of the case."""
    versions = past_versions.kept_versions(draft.file, today=_utc()).get(hearing_id, [])
    if hearing_id not in draft.file.entries and versions:
        draft.restore(hearing_id, versions[-1].record, versions[-1].version + 1)


def _end_orphans(draft: Draft, staff: Staff) -> None:
    """End the open deadlines whose start was just taken out: later ones that replaced those of the save."""
    for entry in draft.file.entries_of(Deadline):
        if entry.record.state == "open" and entry.record.trigger in draft.removed:
            follow.end_deadlines(draft, staff, [entry], TAKEN_BACK)


def _close_opened_case(draft: Draft, staff: Staff, change: SavedChange) -> None:
    """Close a case that was opened by mistake: it leaves the lists, and is kept as long as undo is possible."""
    if not permissions.is_permitted(staff, "close_case"):
        raise Refused("undo", "Only an attorney, an accredited representative or a supervisor can take back a case.")
    ended = [entry for entry in draft.file.entries_of(Deadline) if entry.record.state == "open"]
    follow.end_deadlines(draft, staff, ended, TAKEN_BACK)
    entry, today = draft.file.get_only(Case), clock.today(staff.zone)
    keep_until = today + dt.timedelta(days=UNDO_DAYS)
    closed = replace(
        entry.record, stage="closed", stage_question="", close_code="other", closed_on=today, retain_until=keep_until
    )
    draft.change(entry.id, closed)


def _current(file: SealedFile, record_id: UUID) -> Record | None:
    entry = file.entries.get(record_id)
    return entry.record if entry is not None else None


def _utc() -> dt.date:
    return clock.now().date()
