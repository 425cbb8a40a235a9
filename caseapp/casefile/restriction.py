"""Cases that open restricted to their own team: relief under 8 USC 1367 or asylum (`records.case.is_restricted`).

The restriction is a wall, a group of its own with its own index. A member of it widens it on the case's access page.
Walls of several cases (of an import, of a member's new cases) are found again by their name and members.
"""

from collections.abc import Collection
from uuid import UUID

from caseapp.accounts.directory import groups, members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.casefile.team_index import index_creator
from caseapp.records.case import Case
from caseapp.vault.core.keyring import WALL, GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction


def make_restricted_group(staff: Staff, name: str, inside: Collection[UUID]) -> GroupKey:
    """Make a restricted group of these members and the acting one, in which new cases open. Return its key.

    An import makes one for each team of its restricted cases. It commits in transactions of its own, before the cases.
    """
    seats = dict.fromkeys({staff.member_id, *_active(staff, inside)}, groups.LEAD)
    return groups.create(staff.keys, kind=WALL, name=name, members=seats, prepare=index_creator(staff))


def find_restricted_group(staff: Staff, name: str, inside: Collection[UUID]) -> GroupKey | None:
    """Return the restricted group with this name of exactly these members and the acting one; None without one."""
    wanted = {staff.member_id, *inside}
    for group in staff.keys.groups_of_kind(WALL):
        try:
            with office_transaction(staff.org_id):
                roster = groups.read_roster(staff.keys, group.group)
        except NoKey:
            continue
        if roster.name == name and {seat.member_id for seat in roster.members} == wanted:
            return group
    return None


def restrict_to_team(staff: Staff, case_id: UUID, inside: Collection[UUID] = ()) -> None:
    """Restrict a case to its lead, its team, the acting member and `inside`; a restricted case stays unchanged.

    Runs outside of a transaction: the wall and the case are saved in transactions of their own (`casefile.sharing`).
    """
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        if is_walled(staff, file):
            return
        case = file.get_only(Case).record
    wanted = {*case.team, *inside, *((case.lead,) if case.lead else ())}
    sharing.restrict_to_members(staff, case_id, _active(staff, wanted))


def is_walled(staff: Staff, file: SealedFile) -> bool:
    """Return whether a case is restricted already; True for a member with a share only, who may not change it."""
    try:
        return staff.keys.group(file.get_only(Access).record.home_group_id).kind == WALL
    except NoKey:
        return True


def _active(staff: Staff, wanted: Collection[UUID]) -> set[UUID]:
    with office_transaction(staff.org_id):
        return set(wanted) & members.read_directory(staff.keys).active_ids
