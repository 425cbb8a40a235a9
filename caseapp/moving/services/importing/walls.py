"""Restricted groups of an import: one for each lead of its protected cases, not one for each case."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.utils.translation import gettext as _
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import restriction
from caseapp.moving.services.importing import import_store
from caseapp.moving.services.importing.members import lead_of
from caseapp.moving.services.importing.shapes import CheckedRow, ImportState
from caseapp.records.case import is_restricted
from caseapp.vault.tenancy import office_transaction


def needs_wall(row: CheckedRow) -> bool:
    """Return whether the case of a row opens restricted: its relief is protected, or the file names who may see it."""
    case = row.plan.case
    return bool(row.plan.wall) or (case is not None and is_restricted(case.relief))


def make_walls(staff: Staff, import_id: UUID, state: ImportState, rows: Iterable[CheckedRow]) -> ImportState:
    """Make the restricted groups that these rows need, outside of a transaction, and return the state with them.

    A group that a killed process made and did not note is found again by its name.
    """
    leads = {lead_of(staff, state, row.plan) for row in rows if row.plan.status == "new" and needs_wall(row)}
    for lead in sorted(leads):
        state = make_wall(staff, import_id, state, str(lead), {lead})
    return state


def make_wall(staff: Staff, import_id: UUID, state: ImportState, key: str, inside: Collection[UUID]) -> ImportState:
    """Make the restricted group of some members, unless the state has it under `key`, and return the state with it."""
    if key in state.walls and staff.keys.epochs_of(state.walls[key]):
        return state
    wall = restriction.find_restricted_group(staff, _name_of(state), inside)
    if wall is None:
        wall = restriction.make_restricted_group(staff, _name_of(state), inside)
    with office_transaction(staff.org_id):
        state = import_store.lock_import(staff, import_id)
        state = replace(state, walls={**state.walls, key: wall.group})
        import_store.save_state(staff, import_id, state)
    return state


def _name_of(state: ImportState) -> str:
    return _("Import of %(moment)s") % {"moment": f"{state.began_at:%Y-%m-%d %H:%M:%S}"}
