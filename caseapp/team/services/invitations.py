"""Services that invite a member and approve them. They span accounts, mail and reminders."""

import smtplib
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.members.roles import update_auditor_seat
from caseapp.lib.errors import Refused
from caseapp.reminders import recipients
from caseapp.reminders.sending.messages import message_for
from caseapp.vault.tenancy import office_transaction


def invite_member(
    staff: Staff,
    *,
    email: str,
    name: str,
    role: str,
    is_admin: bool = False,
    language: str = "en",
    team_ids: tuple[UUID, ...] = (),
) -> str:
    """Invite a member, mail them the link and return the link.

    If the mail server refuses the message, no invitation is stored: Refused(code="email").
    Raises the errors of `accounts.members.invitations.create_invitation`.
    """
    with office_transaction(staff.org_id):
        new = invitations.NewInvitation(
            email=email, name=name, role=role, is_admin=is_admin, language=language, team_ids=team_ids
        )
        token = invitations.create_invitation(staff, new)
        link = f"{settings.ORIGIN}/join/#{token}"
        text = message_for("invitation", language)
        try:
            EmailMessage(text.subject, f"{text.body}\n\n{link}", settings.MAIL_FROM, [email]).send()
        except (smtplib.SMTPException, OSError) as exc:
            raise Refused("email", "The mail server took no message. Nobody was invited; try again later.") from exc
        reason = permissions.audit_reason(role, is_admin=is_admin)
        audit_trail.record_entry_in_transaction(staff.keys, "member.invite", reason=reason)
    return link


def approve_member(staff: Staff, invitation_id: UUID, *, fingerprint: str) -> UUID:
    """Approve a member whose six words were the same, set their address for reminders, and return their id.

    Raises the errors of `accounts.members.invitations.approve_member`.
    """
    with office_transaction(staff.org_id):
        asked = invitations.find_invitation(staff, invitation_id).record
        person = invitations.approve_member(staff, invitation_id, fingerprint=fingerprint)
        recipients.set_address(
            staff.org_id,
            person.member_id,
            address=asked.email,
            language=asked.language,
            zone=asked.zone,
            admin=person.is_admin,
            supervisor=person.role == "supervisor",
        )
        update_auditor_seat(staff.keys, person.member_id, role=person.role, is_admin=person.is_admin)
        audit_trail.record_entry_in_transaction(staff.keys, "member.admit", target=person.member_id)
    return person.member_id
