"""Cases that a list of people opened, before a list of cases says that their relief is protected."""

from collections.abc import Iterable
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.lib.errors import NotFound
from caseapp.moving.services.importing import import_store, walls
from caseapp.moving.services.importing.known_cases import KnownCases, has_ids
from caseapp.moving.services.importing.members import lead_of
from caseapp.moving.services.importing.shapes import CheckedRow, ImportState, SavedPart
from caseapp.records.case import Case, is_restricted
from caseapp.vault.errors import OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction

UNDONE_ROW = "undone"  # the result of a row whose records were taken back


def restrict(staff: Staff, state: ImportState, rows: Iterable[CheckedRow]) -> None:
    """Move the cases of people whose row is protected into the restricted group of its lead, before the row is saved.

    Each move is a transaction of its own; one that was done already changes nothing.
    """
    protected = [row for row in rows if row.plan.status == "new" and row.plan.person_keys and walls.needs_wall(row)]
    if not protected:
        return
    known = KnownCases()
    with office_transaction(staff.org_id):
        known.refresh(staff)
    for row in protected:
        wall = staff.keys.group(state.walls[str(lead_of(staff, state, row.plan))])
        for case_id in known.candidates(row.plan.person_keys):
            try:
                with office_transaction(staff.org_id):
                    file = case_access.open_case(staff.keys, case_id)
            except (NotFound, OpenFailed):
                continue
            is_free = not file.get_only(Case).record.external_ids and has_ids(file, row.plan.person_keys)
            if is_free and file.get_only(Access).record.home_group_id == state.group:
                sharing.move_to_group(staff, case_id, wall)


def widen(staff: Staff, import_id: UUID, state: ImportState) -> None:
    """Move the cases that this import had restricted back to their team, once its rows are taken back.

    Each move is a transaction of its own. A case that a member changed since keeps its row, and stays restricted.
    """
    if state.group is None or not state.walls or not staff.keys.epochs_of(state.group):
        return
    for _, part in list(import_store.read_parts(staff, import_id)):
        for result in part.results if isinstance(part, SavedPart) else ():
            if result.case_id is None or result.is_new or result.result != UNDONE_ROW:
                continue
            try:
                with office_transaction(staff.org_id):
                    file = case_access.open_case(staff.keys, result.case_id)
            except (NotFound, OpenFailed):
                continue
            is_ours = file.get_only(Access).record.home_group_id in state.walls.values()
            if is_ours and not is_restricted(file.get_only(Case).record.relief):
                sharing.move_to_group(staff, result.case_id, staff.keys.group(state.group))
