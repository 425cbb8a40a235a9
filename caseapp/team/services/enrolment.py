"""Service that enrols a member directly, without an invitation. It spans accounts, index and reminders."""

from uuid import UUID

from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import enrolment
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office


def admit(staff: Staff, *, told: Profile, email: str, passphrase: str) -> UUID:
    """Create a member in the first team of the caller, with an address for reminders, and return the id.

    Raises Refused.
    """
    with office(staff.org_id):
        member_id = enrolment.enrol(staff.keys, staff.keys.teams[0], told=told, email=email, passphrase=passphrase)
        recipients.set_address(
            staff.org_id, member_id, address=email, language=told.language, zone=told.zone, admin=told.is_admin,
            supervisor=told.role == "supervisor",
        )  # fmt: skip
    return member_id
