"""Helpers of these tests: officers, cases, and what is stored for the conflict officers."""

from uuid import UUID

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import ConflictGroup
from caseapp.accounts.keys.staff import Staff
from caseapp.cases.services import cases
from caseapp.conflicts.services import officer
from caseapp.index import queries
from caseapp.index.conflicts import rows, store
from caseapp.index.conflicts.rows import ConflictPerson
from caseapp.team.services import roles
from caseapp.vault.tenancy import office_transaction


def group_of(staff: Staff) -> ConflictGroup | None:
    """What the office's directory says of the conflict officers."""
    with office_transaction(staff.org_id):
        return members.read_directory(staff.keys).conflicts


def make_officer(staff: Staff, member_id: UUID, *, is_officer: bool = True, role: str = "caseworker") -> None:
    """The admin marks a member as a conflict officer, or takes the mark away."""
    with office_transaction(staff.org_id):
        person = members.read_directory(staff.keys).find_person(member_id)
    roles.change_role(staff, member_id, role=person.role, is_admin=person.is_admin, is_conflict_officer=is_officer)


def filed_people(staff: Staff) -> dict[UUID, tuple[ConflictPerson, ...] | None]:
    """What an officer reads in the index, by case."""
    opened = store.open_parts(staff.org_id, officer.officer_keys(staff.keys))
    newest = rows.newest_entries(part.entries for part in opened)
    return {UUID(bytes=case_id): entry.people for case_id, entry in newest.items()}


def stored_parts(staff: Staff) -> list[tuple[int, int, int]]:
    """The stored parts: (number, epoch, bytes)."""
    with office_transaction(staff.org_id):
        return queries.conflict_part_sizes(staff.org_id)


def open_case(staff: Staff, name: str, a_number: str = "") -> UUID:
    """A case of a client."""
    return cases.open_case(staff, cases.NewCase(name=name, a_number=a_number))
