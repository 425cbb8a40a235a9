"""Cases that a list of people opened, before a list of cases says that their relief is protected."""

from collections.abc import Iterable

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.lib.errors import NotFound
from caseapp.moving.services.importing import walls
from caseapp.moving.services.importing.known_cases import KnownCases, has_ids
from caseapp.moving.services.importing.members import lead_of
from caseapp.moving.services.importing.shapes import CheckedRow, ImportState
from caseapp.records.case import Case
from caseapp.vault.errors import OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction


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
