"""Inviting somebody and letting them in: the parts that span accounts, mail and reminders."""

import smtplib
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from caseapp.accounts import groups, invitations, trail
from caseapp.accounts.keys import Staff
from caseapp.accounts.members import seat_auditor
from caseapp.index import store as index
from caseapp.lib.errors import Refused
from caseapp.reminders import channels
from caseapp.reminders.messages import message
from caseapp.vault.core.keyring import TEAM, GroupKey
from caseapp.vault.tenancy import office


def invite(
    staff: Staff,
    *,
    email: str,
    name: str,
    role: str,
    is_admin: bool = False,
    language: str = "en",
    team_ids: tuple[UUID, ...] = (),
) -> str:
    """Ask somebody to join and mail them the link; answers the link. Raises as `invitations.invite`.

    When the mail server takes nothing the invitation is not made: Refused(code="email").
    """
    with office(staff.org_id):
        token = invitations.invite(
            staff, email=email, name=name, role=role, is_admin=is_admin, language=language, team_ids=team_ids
        )
        link = f"{settings.ORIGIN}/join/{token}/"
        text = message("invitation", language)
        try:
            EmailMessage(text.subject, f"{text.body}\n\n{link}", settings.MAIL_FROM, [email]).send()
        except (smtplib.SMTPException, OSError) as exc:
            raise Refused("email", "The mail server took no message. Nobody was invited; try again later.") from exc
        trail.note_here(staff.keys, "member.invite", reason=f"{role}{', admin' if is_admin else ''}")
    return link


def let_in(staff: Staff, invitation_id: UUID) -> UUID:
    """Somebody whose six words were the same joins, and reminders reach them. Answers the member's id.

    Raises as `invitations.let_in`.
    """
    with office(staff.org_id):
        asked = invitations.one(staff, invitation_id).asked
        person = invitations.let_in(staff, invitation_id)
        channels.set_address(
            staff.org_id,
            person.member_id,
            address=asked.email,
            language=asked.language,
            zone=asked.zone,
            admin=person.is_admin,
            supervisor=person.role == "supervisor",
        )
        seat_auditor(staff.keys, person.member_id, role=person.role, is_admin=person.is_admin)
        trail.note_here(staff.keys, "member.admit", target=person.member_id)
    return person.member_id


def new_team(staff: Staff, *, name: str, members: tuple[UUID, ...] = ()) -> GroupKey:
    """A further team with its own index; whoever makes it leads it. Outside of any transaction.

    Raises NotFound, Refused.
    """
    seats = {**dict.fromkeys(members, groups.MEMBER), staff.member_id: groups.LEAD}
    return groups.create(staff.keys, kind=TEAM, name=name, members=seats, prepare=index_of(staff))


def index_of(staff: Staff) -> Callable[[GroupKey], None]:
    """Makes the empty index of a new group of this office."""
    return lambda group: index.create(staff.org_id, group.group, group.epoch)
