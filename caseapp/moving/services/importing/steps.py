"""The work of an import in steps of one part: checking, saving, undoing. Each step is one transaction.

A step takes the member's keys for its own length. What it did is in the state of the import, sealed and committed with
it: a process may end at any point, and the next step of any process goes on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.moving import queries
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing import checking, import_store, placeholders, undoing, walls
from caseapp.moving.services.importing.documents import WaitingFiles
from caseapp.moving.services.importing.known_cases import KnownCases
from caseapp.moving.services.importing.saving import Batch
from caseapp.moving.services.importing.shapes import (
    AT_WORK,
    CHECKING,
    DONE,
    READY,
    ROWS_AT_ONCE,
    RUNNING,
    UNDONE,
    ImportState,
    PlannedPart,
    SavedPart,
    add_counts,
)
from caseapp.moving.services.own_import import archive_steps
from caseapp.moving.services.own_import.archive_steps import OpenArchive
from caseapp.vault.tenancy import office_transaction


@dataclass
class Work:
    """Memory of a process between two steps of an import; without it the next step reads it again."""

    known: KnownCases = field(default_factory=KnownCases)
    rows: Iterator[RowPlan] | None = None
    archive: OpenArchive = field(default_factory=OpenArchive)
    opened: undoing.Opened | None = None


def advance(staff: Staff, import_id: UUID, work: Work) -> ImportState:
    """Do the next step of an import and return its state. A state outside `AT_WORK`, or a paused one, is at rest.

    Raises NotFound for an import of another member, and what reading and saving raise: then nothing of the step stays.
    """
    permissions.require(staff, "import_cases")
    state = import_store.open_import(staff, import_id)
    if state.step not in AT_WORK or state.paused:
        return state
    if state.step == CHECKING:
        if state.is_archive:
            return archive_steps.check_next(staff, import_id, work.archive)
        return _check_next(staff, import_id, work)
    if state.step == RUNNING and state.is_archive and state.next < state.parts:
        return archive_steps.save_next(staff, import_id, state, work.archive)
    if state.step == RUNNING:
        return _save_next(staff, import_id, state, work)
    return _undo_next(staff, import_id, state, work)


def _check_next(staff: Staff, import_id: UUID, work: Work) -> ImportState:
    """Read the next rows of the file, look for each person in the office, and store the part."""
    state = import_store.open_import(staff, import_id)
    if work.rows is None:
        work.rows = checking.read_rows(staff, state)
    plans = tuple(islice(work.rows, ROWS_AT_ONCE))
    checked = checking.find_alike(staff, plans)
    with office_transaction(staff.org_id):
        state = import_store.lock_import(staff, import_id)
        if state.step != CHECKING or (plans and plans[0].row <= state.read_to):
            return state
        if plans:
            import_store.write_part(staff, import_id, state.parts, PlannedPart(checked))
            counts, names = checking.count_rows(state.counts, checked), checking.count_names(state.names, checked)
            alike = sum(bool(row.alike) for row in checked)
            state = replace(state, alike={**state.alike, **({state.parts: alike} if alike else {})})
            state = replace(state, parts=state.parts + 1, read_to=plans[-1].row, counts=counts, names=names)
        if len(plans) < ROWS_AT_ONCE:
            work.rows = None
            state = replace(state, step=READY, next=0)
        state = replace(state, beat_at=clock.now(), problem="")
        import_store.save_state(staff, import_id, state)
    return state


def _save_next(staff: Staff, import_id: UUID, state: ImportState, work: Work) -> ImportState:
    """Save the next part. The groups that its protected cases need are made first, in transactions of their own."""
    if state.next < state.parts:
        with office_transaction(staff.org_id):
            part = import_store.read_part(staff, import_id, state.next)
        if isinstance(part, PlannedPart):
            state = walls.make_walls(staff, import_id, state, part.rows)
            placeholders.restrict(staff, state, part.rows)
    with office_transaction(staff.org_id):
        queries.lock_imports(staff.org_id)
        state = import_store.lock_import(staff, import_id)
        if state.step != RUNNING or state.paused:
            return state
        if state.next >= state.parts:
            return _finish(staff, import_id, state)
        part = import_store.read_part(staff, import_id, state.next)
        if isinstance(part, PlannedPart):
            state = _save_part(staff, import_id, state, part, work)
        state = replace(state, next=state.next + 1, beat_at=clock.now(), problem="")
        import_store.save_state(staff, import_id, state)
        work.known.note_saved(staff)
    return state


def _save_part(staff: Staff, import_id: UUID, state: ImportState, part: PlannedPart, work: Work) -> ImportState:
    files = WaitingFiles(staff, state.documents)
    try:
        work.known.refresh(staff)
        view = reader.open_readable_view(staff.keys, zone=staff.zone)
        results = Batch(staff, state, work.known, files, view).save_rows(part.rows)
    except BaseException:
        work.known = KnownCases()  # it may have cases that were rolled back
        raise
    import_store.write_part(staff, import_id, state.next, SavedPart(results))
    return replace(state, documents=files.forget_used(), counts=add_counts(state.counts, results))


def _finish(staff: Staff, import_id: UUID, state: ImportState) -> ImportState:
    state = replace(state, step=DONE, ended_at=clock.now(), beat_at=clock.now())
    import_store.save_state(staff, import_id, state)
    opened = state.counts.get("opened", 0) + state.counts.get("added", 0) + state.counts.get("attached", 0)
    audit_trail.record_entry_in_transaction(staff.keys, "job", reason="import", count=max(1, opened))
    return state


def _undo_next(staff: Staff, import_id: UUID, state: ImportState, work: Work) -> ImportState:
    """Undo the last part that is still in place: later ones build on earlier ones. The last step ends the import.

    state  as it was read just now: the cases that the import had restricted are widened before it ends
    """
    if state.next <= 0:
        placeholders.widen(staff, import_id, state)
    if work.opened is None:
        work.opened = undoing.read_opened(staff, import_id)
    with office_transaction(staff.org_id):
        queries.lock_imports(staff.org_id)
        state = import_store.lock_import(staff, import_id)
        if state.step not in AT_WORK or state.paused:
            return state
        if state.next > 0:
            state = undoing.undo_part(staff, import_id, state, state.next - 1, work.opened)
        else:
            state = replace(state, step=UNDONE, ended_at=clock.now())
        state = replace(state, beat_at=clock.now(), problem="")
        import_store.save_state(staff, import_id, state)
    if state.step == UNDONE:
        undoing.purge_lists(staff, state)
    return state
