"""Another role for somebody: what they may do, and which reminders, self-tests and alarms reach them."""

from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import roles as members
from caseapp.reminders import recipients as channels
from caseapp.vault.tenancy import office


def change_role(staff: Staff, member_id: UUID, *, role: str, is_admin: bool) -> None:
    """In one transaction. Raises as `accounts.members.change_role`."""
    with office(staff.org_id):
        members.change_role(staff, member_id, role=role, is_admin=is_admin)
        channels.set_role(staff.org_id, member_id, admin=is_admin, supervisor=role == "supervisor")
