"""Decisions about a case that is not in its newest known state: restore what still exists of the newer one, or accept.

What still exists: versions of records that the rolled-back head does not know (in `vault_record` and `vault_past`), and
the dates and tasks of the case's row in a list. Either decision writes a new head above every version that is known,
under a new key of the case, so that all reminders are planned anew: the tokens of the lost saves may be withdrawn.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, transaction
from caseapp.casefile.index_entries import index_row
from caseapp.casefile.integrity import comparison, findings
from caseapp.casefile.integrity.comparison import Listing
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from caseapp.index.view import IndexView
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.task import Task
from caseapp.vault import case_key_access, past_versions
from caseapp.vault.core import hybrid
from caseapp.vault.core.keyring import TEAM, WALL, GroupKey
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.registry import Record
from caseapp.vault.store import Draft, Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

REASON_LIMIT = 500
ACCEPTED_AT_ONCE = 100  # cases accepted by one request
FROM_LIST = "Restored from the list of cases after rows of the database were put back."
ListedItem = DeadlineRow | HearingRow | TaskRow
log = logging.getLogger("caseapp.casefile")


@dataclass(frozen=True)
class NewerState:
    """The remains of a newer state.

    stored   newest version of each record that the file's head does not know
    listed   dates and tasks that a list has and the file has not, or has otherwise, and that are not in `stored`
    lost     damaged records of which no version opens
    """

    stored: tuple[Entry[Record], ...]
    listed: tuple[ListedItem, ...]
    lost: tuple[UUID, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing can be restored."""
        return not (self.stored or self.listed)


def find_newer_state(staff: Staff, file: SealedFile) -> NewerState:
    """Return what still exists of a newer state of a case, in the office's transaction."""
    listing = comparison.read_listing(staff.keys, file.id)
    return _newer_state_of(file, listing)


def _newer_state_of(file: SealedFile, listing: Listing) -> NewerState:
    stored = past_versions.unlisted_versions(file)
    row = listing.newest
    listed: Sequence[ListedItem] = ()
    if row is not None and row.head_version > file.head_version and not _lacks_case(file):
        mine = index_row.build_row(file)
        known = {item.id: item for item in _items_of(mine)}
        listed = [item for item in _items_of(row) if item.id not in stored and known.get(item.id) != item]
    lost = tuple(record_id for record_id in file.damaged if record_id not in stored)
    return NewerState(tuple(stored.values()), tuple(listed), lost)


def _items_of(row: CaseRow) -> list[ListedItem]:
    return [*row.deadlines, *row.hearings, *row.tasks]


def _lacks_case(file: SealedFile) -> bool:
    return len(file.entries_of(Case)) != 1


def may_decide(staff: Staff, file: SealedFile) -> bool:
    """Return whether a member may decide: the case's lead, a supervisor, or an admin when the lead has left.

    The lead is the one of the newest state that is known.
    """
    lead = _lead_of(file, comparison.read_listing(staff.keys, file.id))
    if staff.member_id == lead or staff.role == permissions.SUPERVISOR:
        return True
    active = {person.member_id for person in members.read_directory(staff.keys).active_people}
    return staff.is_admin and lead not in active


def _lead_of(file: SealedFile, listing: Listing) -> UUID | None:
    row = listing.newest
    if row is not None and row.head_version >= file.head_version:
        return row.lead
    cases = file.entries_of(Case)
    return cases[0].record.lead if cases else None


def restore_newer(staff: Staff, case_id: UUID, *, reason: str) -> int:
    """Restore what still exists of the newer state. Return the number of records restored.

    The caller has asked for passphrase and factor again. Raises NotFound for a member who may not decide, Refused
    without a reason or for a case that needs no decision.
    """
    return _decide(staff, case_id, reason, what="case.restore")


def accept_state(staff: Staff, case_id: UUID, *, reason: str) -> int:
    """Accept the stored state. Of damaged records the newest version that opens is kept, and the others are dropped.

    Returns and raises as `restore_newer`.
    """
    return _decide(staff, case_id, reason, what="case.accept")


def _decide(staff: Staff, case_id: UUID, reason: str, *, what: str) -> int:
    permissions.require(staff, "restore_case")
    text = reason.strip()
    if not text or len(text) > REASON_LIMIT:
        raise Refused("reason", "Write the reason, in at most 500 characters.")
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id, lock=True)
        if not may_decide(staff, file):
            raise NotFound("not the lead of this case, and no supervisor")
        if not (file.doubt or file.damaged or not file.is_compared):
            raise Refused("settled", "This case is in its newest state. A decision was made already.")
        listing = comparison.read_listing(staff.keys, case_id)
        newer = _newer_state_of(file, listing)
        damaged = file.damaged
        draft = _draft_over_doubt(staff, file, newer.lost)
        restored = _restore_records(draft, newer, all_of_it=what == "case.restore")
        _drop_unnamed(draft, newer, damaged)
        gone_from = _move_home(staff, draft, listing)
        transaction.save_draft(staff, draft, gone_from=gone_from, what=what, reason=text)
        findings.settle_case(draft.file)
    return restored


def _draft_over_doubt(staff: Staff, file: SealedFile, lost: tuple[UUID, ...]) -> Draft:
    """Return a draft over a file in doubt; its head no longer names the lost records."""
    entries = {record_id: seen for record_id, seen in file.head.entries.items() if record_id not in lost}
    file.head = replace(file.head, entries=entries)
    file.doubt, file.damaged, file.is_compared = "", (), True
    return Draft(file, by=staff.member_id)


def _restore_records(draft: Draft, newer: NewerState, *, all_of_it: bool) -> int:
    """Put the newer records into the draft, under versions that none of them ever had. Return how many.

    Unless `all_of_it`, only records that the head names and that were damaged.
    """
    file = draft.file
    missing = {record_id for record_id in file.head.entries if record_id not in file.entries}
    restored = 0
    for entry in newer.stored:
        if all_of_it or entry.id in missing:
            draft.restore(entry.id, entry.record, _unused_version(file, entry))
            restored += 1
    if all_of_it:
        for record_id, record in _records_of_list(file, newer.listed):
            known = file.entries.get(record_id)
            draft.restore(record_id, record, _unused_version(file, known or Entry(record_id, 0, record)))
            restored += 1
    return restored


def _drop_unnamed(draft: Draft, newer: NewerState, damaged: tuple[UUID, ...]) -> None:
    """Take the rows out of the file that its new head will not name. Those that open are kept for undo."""
    unnamed = set(damaged) - set(draft.file.entries)
    for entry in newer.stored:
        if entry.id in unnamed:
            draft.removed[entry.id] = draft.before[entry.id] = entry
    past_versions.delete_records(draft.file, unnamed - set(draft.removed))


def _unused_version(file: SealedFile, entry: Entry[Record]) -> int:
    """Return a version above every one of the lost saves, each of which raised a record by one at most."""
    named = file.head.entries.get(entry.id, (0, b""))[0]
    return max(entry.version, named) + file.newest_known - file.head_version + 1


def _records_of_list(file: SealedFile, items: tuple[ListedItem, ...]) -> Iterator[tuple[UUID, Record]]:
    """Yield the records that make the case agree with its line in the list, each with its id."""
    for item in items:
        known = file.entries.get(item.id)
        record = known.record if known is not None else None
        if isinstance(item, DeadlineRow):
            yield item.id, _deadline_of(item, record if isinstance(record, Deadline) else None)
        elif isinstance(item, HearingRow):
            yield item.id, _hearing_of(item, record if isinstance(record, Hearing) else None)
        else:
            task = record if isinstance(record, Task) else Task(text=item.text)
            yield item.id, replace(task, text=item.text, owner=item.owner, due_on=item.due_on, done_on=None)


def _deadline_of(row: DeadlineRow, known: Deadline | None) -> Deadline:
    """Return the deadline of a row as a date set by hand: the row has no working."""
    deadline = known or Deadline(what=row.what, severity=row.severity)
    dates = {"due_on": row.due_on, "act_by": row.act_by, "opens_on": row.opens_on}
    return replace(
        deadline,
        what=row.what,
        severity=row.severity,
        state="open",
        owner=row.owner,
        working=None,
        moved_to=None,
        reason=FROM_LIST,
        **dates,
    )


def _hearing_of(row: HearingRow, known: Hearing | None) -> Hearing:
    """Return the hearing of a row; an outcome that the row names is to be recorded again."""
    hearing = known or Hearing(kind=row.kind, starts_at=row.starts_at, zone=row.zone)
    return replace(
        hearing,
        kind=row.kind,
        starts_at=row.starts_at,
        zone=row.zone,
        court=row.court,
        room=row.room,
        way=row.hearing_format,
        goes=row.goes,
        interpreter=row.interpreter,
        interpreter_asked=row.interpreter_asked,
    )


def _move_home(staff: Staff, draft: Draft, listing: Listing) -> tuple[UUID, ...]:
    """Give the case a new key, in the group whose list has its newest row. Return the groups that lose its row.

    A rolled-back access list may name the group that the case had before its access was restricted.
    """
    entry = draft.file.get_only(Access)
    access = entry.record
    home = _home_of(staff, access, listing)
    shares = access.shares if home.group == access.home_group_id else ()
    if home.group != access.home_group_id:
        public = hybrid.derive_public_key(home.hpke_private)
        draft.change(entry.id, replace(access, shares=(), public=public, public_epoch=home.epoch))
    case_key_access.rotate_key(draft, (home, *(share.key for share in shares)))
    keeps = {home.group, *(share.key.group for share in shares)}
    return tuple(sorted(set(listing.rows) - keeps))


def _home_of(staff: Staff, access: Access, listing: Listing) -> GroupKey:
    """Return the key of the case's group. Raises NotFound for a member with a share only."""
    try:
        newest = staff.keys.group(listing.newest_group_id) if listing.newest_group_id else None
        return newest if newest is not None and newest.kind in {TEAM, WALL} else staff.keys.group(access.home_group_id)
    except NoKey:
        raise NotFound("a case that was shared with a member is not theirs to restore") from None


def dismiss_finding(staff: Staff, finding_id: UUID) -> None:
    """Take away a finding that needs nothing more, in the caller's transaction.

    One about a case goes when the case opens in its newest known state again, as after a restored backup.
    Raises NotFound, and Refused while the case does not; OpenFailed.
    """
    finding = findings.find(staff.keys, finding_id)
    if not finding.content.is_settled:
        if finding.content.case is None:
            raise NotFound("a list that is being rebuilt")
        file = case_access.open_case(staff.keys, finding.content.case)
        if file.doubt or file.damaged:
            raise Refused("doubt", "This case is still not in its newest known state. Open it and decide what counts.")
    findings.dismiss(staff.keys, finding_id)


def uncompared_cases(staff: Staff, view: IndexView) -> list[tuple[UUID, CaseRow]]:
    """Return the cases that nothing was there to compare with: a lead's own, and all for supervisors and admins."""
    sees_all = permissions.is_permitted(staff, "read_audit")
    rows = view.uncompared_rows()
    return sorted(
        ((case_id, row) for case_id, row in rows if sees_all or row.lead == staff.member_id),
        key=lambda pair: pair[1].ref,
    )


def accept_all_uncompared(staff: Staff) -> int:
    """Accept the first cases that nothing was there to compare with, each in its own transaction. Return how many.

    A case that is in doubt by the audit trail, or that this member may not decide about, stays unchanged.
    """
    with office_transaction(staff.org_id):
        waiting = uncompared_cases(staff, reader.open_readable_view(staff.keys, zone=staff.zone))
    accepted = 0
    for case_id, _ in waiting[:ACCEPTED_AT_ONCE]:
        try:
            accept_uncompared(staff, case_id)
            accepted += 1
        except (NotFound, OpenFailed, Refused, StaleEpoch) as exc:
            log.warning("case.not_accepted %s", exc)
    return accepted


def accept_uncompared(staff: Staff, case_id: UUID) -> None:
    """Accept a case that nothing was there to compare with: only its line in the lists changes.

    Raises NotFound, and Refused for a case that is in doubt: that needs a decision with a reason.
    """
    permissions.require(staff, "restore_case")
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id, lock=True)
        if not may_decide(staff, file):
            raise NotFound("not the lead of this case, and no supervisor")
        if file.is_compared:
            return
        draft = Draft(file, by=staff.member_id)
        file.is_compared = True
        audit_trail.record_entry_in_transaction(staff.keys, "case.accept", file=file, reason="not compared")
        transaction.save_index_row(staff.keys, draft, index_row.build_row(file), ())
