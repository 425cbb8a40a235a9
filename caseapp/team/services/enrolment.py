"""Service that enrols a member directly, without an invitation. It spans accounts, index and reminders."""

from uuid import UUID

from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import enrolment
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office_transaction


def admit_member(staff: Staff, *, profile: Profile, email: str, passphrase: str) -> UUID:
    """Create a member in the caller's first team, with an address for reminders. Return the id. Raises Refused."""
    with office_transaction(staff.org_id):
        member_id = enrolment.add_member(
            staff.keys, staff.keys.teams[0], member_profile=profile, email=email, passphrase=passphrase
        )
        recipients.set_address(
            staff.org_id,
            member_id,
            address=email,
            language=profile.language,
            zone=profile.zone,
            admin=profile.is_admin,
            supervisor=profile.role == "supervisor",
        )
    return member_id
