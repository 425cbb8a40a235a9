"""Services that invite a member and approve them. They span accounts, mail and reminders."""

import smtplib
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.members.roles import update_auditor_seat
from caseapp.lib.errors import Refused
from caseapp.reminders import recipients
from caseapp.reminders.sending import smtp, waiting_mail
from caseapp.reminders.sending.mail_faults import MailFault
from caseapp.reminders.sending.waiting_mail import LinkMail
from caseapp.vault.tenancy import office_transaction

_NOT_TAKEN = gettext_noop(
    "No invitation was made: the mail server took no message. Try again, or hand over the link yourself."
)
_REFUSED = {
    MailFault.ADDRESS: gettext_noop(
        "No invitation was made: the mail server does not know this address. Check how it is written."
    ),
    MailFault.FULL: gettext_noop("No invitation was made: the mailbox of this address is full. Use another address."),
}


class SentInvitation(NamedTuple):
    """A new invitation with its link. `is_sent`: False without a mail, and while the server puts it off."""

    id: UUID
    link: str
    is_sent: bool


def invite_member(
    staff: Staff,
    *,
    email: str,
    name: str,
    role: str,
    is_admin: bool = False,
    language: str = "en",
    team_ids: tuple[UUID, ...] = (),
    by_mail: bool = True,
) -> SentInvitation:
    """Invite a member, and mail them the link if `by_mail`. The link is stored nowhere but in a mail that waits.

    If the mail server puts the message off, it is sent again later (`waiting_mail`). If it refuses the message or does
    not answer, no invitation is stored: Refused(code="email").
    Raises the errors of `accounts.members.invitations.create_invitation`.
    """
    with office_transaction(staff.org_id):
        new = invitations.NewInvitation(
            email=email, name=name, role=role, is_admin=is_admin, language=language, team_ids=team_ids
        )
        token = invitations.create_invitation(staff, new)
        link = f"{settings.ORIGIN}/join/#{token}"
        invitation = invitations.find_by_token(token)
        mail = LinkMail(address=email, language=language, link=link, until=invitation.expires_at)
        is_sent = by_mail and _send_mail(staff.org_id, invitation.id, mail)
        reason = permissions.audit_reason(role, is_admin=is_admin)
        audit_trail.record_entry_in_transaction(staff.keys, "member.invite", reason=reason)
    return SentInvitation(invitation.id, link, is_sent)


def revoke_invitation(staff: Staff, invitation_id: UUID) -> None:
    """Revoke an invitation, its mail included if that still waits. Raises NotFound."""
    invitations.revoke(staff, invitation_id)
    with office_transaction(staff.org_id):
        waiting_mail.forget(staff.org_id, invitation_id)


def _send_mail(org_id: UUID, invitation_id: UUID, mail: LinkMail) -> bool:
    """Send the mail, or keep it for a server that puts it off. Return whether it was sent. Raises Refused."""
    try:
        return waiting_mail.send_or_keep(org_id, invitation_id, mail)
    except (smtplib.SMTPException, OSError, UnicodeError) as exc:
        answer = smtp.answer_of(exc)
        raise Refused("email", _REFUSED.get(answer.fault, _NOT_TAKEN) if answer else _NOT_TAKEN) from exc


def approve_member(staff: Staff, invitation_id: UUID, *, fingerprint: str) -> UUID:
    """Approve a member whose six words were the same, set their address for reminders, and return their id.

    Raises the errors of `accounts.members.invitations.approve_member`.
    """
    with office_transaction(staff.org_id):
        asked = invitations.find_invitation(staff, invitation_id).record
        person = invitations.approve_member(staff, invitation_id, fingerprint=fingerprint)
        waiting_mail.forget(staff.org_id, invitation_id)
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
