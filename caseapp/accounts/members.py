"""Changing what a member of the office may do."""

from uuid import UUID

from caseapp.accounts import directory, grants
from caseapp.accounts.keys import Staff
from caseapp.accounts.permissions import ROLES
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.tenancy import office


def change_role(staff: Staff, member_id: UUID, *, role: str, is_admin: bool) -> None:
    """Another role, from their next request on; a new admin is given the office's root. Admins only.

    Raises NotFound, Refused when the role is unknown or the office would be left without an admin. An admin who steps
    back loses the root with the next request; a bad leaver is removed instead (`docs/security.md`).
    """
    if role not in ROLES:
        raise Refused("role", "Choose one of the offered values.")
    with office(staff.org_id):
        people = directory.read(staff.keys)
        person = people.person(member_id)
        if person.is_admin and not is_admin and sum(p.is_admin for p in people.active) < 2:
            raise Refused("is_admin", "The office needs an admin. Make somebody else one first.")
        directory.set_role(staff.keys, member_id, role=role, is_admin=is_admin)
        root = staff.keys.keyring.org_root_private if is_admin else b""
        grants.give(staff.keys, person, (), root=root)


def person_of(staff: Staff, member_id: UUID) -> directory.Person:
    """Somebody of the office, for a page. Raises NotFound."""
    if not any(group.kind == "office" for group in staff.keys.held):
        raise NotFound(f"member {member_id}")
    return directory.read(staff.keys).person(member_id)
