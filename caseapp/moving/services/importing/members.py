"""Names in a file, matched to members of the office."""

from uuid import UUID

from caseapp.accounts.directory import team_members
from caseapp.accounts.keys.staff import Staff
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing.shapes import ImportState

LEAD_ROLES = ("lead", "assignee")


def lead_of(staff: Staff, state: ImportState, plan: RowPlan) -> UUID:
    """Return the member who leads the case of a row: the importer where the file names no member that is known."""
    named = [state.people.get(item.name) for role in LEAD_ROLES for item in plan.members if item.role == role]
    return next((member for member in named if member is not None), staff.member_id)


def team_of(staff: Staff, state: ImportState, plan: RowPlan) -> tuple[UUID, ...]:
    """Return the lead and the other members whom a row names."""
    named = [state.people.get(item.name) for item in plan.members if item.role != "author"]
    known = [lead_of(staff, state, plan), *(member for member in named if member is not None)]
    return tuple(dict.fromkeys(known))


def suggest_people(staff: Staff, group_id: UUID, names: list[str]) -> dict[str, UUID]:
    """Return the members of a team that names in a file are: the same name in any order and spelling of capitals."""
    members = team_members.members_of_group(staff.keys, group_id)
    by_words = {_words(member.name): member.member_id for member in members}
    return {name: by_words[_words(name)] for name in names if _words(name) in by_words}


def _words(name: str) -> frozenset[str]:
    return frozenset(name.casefold().replace(",", " ").split())
