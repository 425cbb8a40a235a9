"""Change of a role: what a member may do, and which reminders, self-tests and alarms reach them."""

from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import roles
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office_transaction


def change_role(
    staff: Staff,
    member_id: UUID,
    *,
    role: str,
    is_admin: bool,
    is_supervising: bool | None = None,
    is_conflict_officer: bool | None = None,
) -> None:
    """Change a member's role and their reminder recipients in one transaction.

    Raises the errors of `accounts.members.roles.change_role`.
    """
    with office_transaction(staff.org_id):
        roles.change_role(
            staff,
            member_id,
            role=role,
            is_admin=is_admin,
            is_supervising=is_supervising,
            is_conflict_officer=is_conflict_officer,
        )
        recipients.set_role(staff.org_id, member_id, admin=is_admin, supervisor=role == "supervisor")
