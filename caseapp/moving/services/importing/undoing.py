"""Undo of an import, part by part from the last: what people changed since is kept and listed."""

from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes import batches
from caseapp.index import reader
from caseapp.index import store as index
from caseapp.index.view import IndexView
from caseapp.moving.services.importing import comparing, import_store, known_cases
from caseapp.moving.services.importing.shapes import (
    ImportState,
    MadeRecord,
    PlannedPart,
    RowResult,
    SavedPart,
    add_counts,
)
from caseapp.vault.head import Access
from caseapp.vault.registry import decode_record
from caseapp.vault.store import Draft, SealedFile

CHANGED, GONE = "changed", "gone"  # why something stays


@dataclass
class Opened:
    """The cases that an import opened, each with the digest of every record that the import saved in it last."""

    digests: dict[UUID, dict[UUID, bytes]] = field(default_factory=dict)
    new: set[UUID] = field(default_factory=set)


def read_opened(staff: Staff, import_id: UUID) -> Opened:
    """Return what an import saved, from all its parts."""
    opened = Opened()
    for _, part in import_store.read_parts(staff, import_id):
        for result in part.results if isinstance(part, SavedPart) else ():
            if result.case_id is None:
                continue
            if result.is_new:
                opened.new.add(result.case_id)
            known = opened.digests.setdefault(result.case_id, {})
            known.update({item.record_id: item.digest for item in result.made})
    return opened


def undo_part(staff: Staff, import_id: UUID, state: ImportState, number: int, opened: Opened) -> ImportState:
    """Undo the saved rows of a part, in the caller's transaction, and return the state without it."""
    part = import_store.read_part(staff, import_id, number)
    state = replace(state, next=number)
    if isinstance(part, PlannedPart):
        return state
    undo = _PartUndo(staff, opened, reader.open_readable_view(staff.keys, zone=staff.zone))
    results = tuple(undo.undo_row(result) for result in reversed(part.results))
    undo.save()
    import_store.write_part(staff, import_id, number, SavedPart(tuple(reversed(results))))
    counts = add_counts(state.counts, part.results, sign=-1)
    return replace(state, counts=add_counts(counts, results))


def purge_lists(staff: Staff, state: ImportState) -> None:
    """Rewrite the lists that had the cases, so that nothing of their lines stays; in transactions of their own."""
    for group_id in (state.group, *state.walls.values()):
        if group_id is not None and staff.keys.epochs_of(group_id):
            index.change_epoch(staff.keys, group_id)


@dataclass
class _PartUndo:
    """The cases that one part's undo removes and changes."""

    staff: Staff
    opened: Opened
    view: IndexView
    gone: dict[UUID, SealedFile] = field(default_factory=dict)
    drafts: dict[UUID, Draft] = field(default_factory=dict)

    def undo_row(self, result: RowResult) -> RowResult:
        """Undo what one row saved, and return its result: undone, or kept with a reason."""
        if result.case_id is None or not result.made:
            return result
        if result.is_new:
            return self._undo_case(result, result.case_id)
        if result.case_id in self.opened.new:  # it goes with its case, or stays with it
            return replace(result, result="undone")
        return self._undo_records(result, result.case_id)

    def save(self) -> None:
        """Write what was undone, in the caller's transaction."""
        changed = [draft for draft in self.drafts.values() if draft.changed or draft.removed]
        if changed:
            batches.save_drafts(self.staff, changed)
        if self.gone:
            batches.remove_files(self.staff, list(self.gone.values()))

    def _undo_case(self, result: RowResult, case_id: UUID) -> RowResult:
        file = known_cases.open_locked(self.staff, case_id, self.view)
        if file is None:
            return replace(result, result="undone", kept=GONE)
        if file.damaged or file.newer or file.doubt or not self._is_untouched(file):
            return replace(result, result="kept", kept=CHANGED)
        self.gone[case_id] = file
        return replace(result, result="undone")

    def _is_untouched(self, file: SealedFile) -> bool:
        """Return whether a case has the records that the import saved in it, as it saved them, and no others."""
        expected = self.opened.digests[file.id]
        now = {
            record_id: comparing.content_digest(entry.record)
            for record_id, entry in file.entries.items()
            if not isinstance(entry.record, Access)
        }
        return now == expected

    def _undo_records(self, result: RowResult, case_id: UUID) -> RowResult:
        draft = self.drafts.get(case_id)
        if draft is None:
            file = known_cases.open_locked(self.staff, case_id, self.view)
            if file is None or file.damaged or file.newer or file.doubt:
                return replace(result, result="kept", kept=GONE)
            draft = self.drafts[case_id] = Draft(file, by=self.staff.member_id)
        kept = [item for item in result.made if not self._undo_record(draft, item)]
        return replace(result, result="kept" if kept else "undone", kept=CHANGED if kept else "")

    def _undo_record(self, draft: Draft, item: MadeRecord) -> bool:
        """Undo one record of a case that was here before. Return False if a person changed it since."""
        entry = draft.file.entries.get(item.record_id)
        if entry is None:
            return True  # a person removed it
        expected = self.opened.digests[draft.file.id][item.record_id]
        if comparing.content_digest(entry.record) != expected:
            return False
        if item.before is None:
            draft.remove(item.record_id)
        else:
            before = decode_record(item.before.kind, item.before.schema, item.before.body)
            draft.change(item.record_id, before)
            self.opened.digests[draft.file.id][item.record_id] = comparing.content_digest(before)
        return True
