"""View models of the pages about members and teams."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from caseapp.accounts.directory import groups, members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.members.invitations import EXPIRED, PENDING, OpenInvitation
from caseapp.ui.display.member_lines import ROLES, PersonLine, person_line


@dataclass(frozen=True)
class InvitationLine:
    """One open invitation. `kind` and `word` are a status."""

    name: str
    email: str
    role: str | Promise
    is_admin: bool
    kind: str
    word: str
    href: str
    until: dt.datetime
    is_pending: bool


@dataclass(frozen=True)
class TeamLine:
    """One team of the signed-in member."""

    name: str
    count: int
    href: str


@dataclass(frozen=True)
class PeoplePage:
    """Values of the list of members, invitations and teams."""

    people: tuple[PersonLine, ...]
    invited: tuple[InvitationLine, ...]
    teams: tuple[TeamLine, ...]
    may_invite: bool
    may_make_team: bool


@dataclass(frozen=True)
class TeamPage:
    """Values of the page of one team."""

    name: str
    people: tuple[PersonLine, ...]


def people_page(staff: Staff) -> PeoplePage:
    """Return the active members of the office, the caller's teams, and the invitations for a caller who may invite."""
    may_invite = permissions.is_permitted(staff, "invite")
    invited = (
        tuple(invitation_line(waiting) for waiting in invitations.list_open_invitations(staff)) if may_invite else ()
    )
    return PeoplePage(
        people=tuple(person_line(person) for person in members.read_directory(staff.keys).active_people),
        invited=invited,
        teams=tuple(_team_line(staff, team.group) for team in staff.keys.teams),
        may_invite=may_invite,
        may_make_team=permissions.is_permitted(staff, "make_team"),
    )


def _state_of(waiting: OpenInvitation) -> tuple[str, str]:
    """Return the kind of an invitation's state and its words."""
    if waiting.state == PENDING:
        return "to-check", _("Compare six words and let them in")
    if waiting.state == EXPIRED:
        return "waived", _("Expired, not used")
    return "waiting", _("Waiting for them to use the link")


def invitation_line(waiting: OpenInvitation) -> InvitationLine:
    """Return one invitation with its state in words."""
    asked = waiting.record
    kind, word = _state_of(waiting)
    href = reverse("team:invitation", args=[waiting.id])
    return InvitationLine(
        asked.name,
        asked.email,
        ROLES.get(asked.role, asked.role),
        asked.is_admin,
        kind,
        word,
        href,
        asked.expires_at,
        waiting.state == PENDING,
    )


def _team_line(staff: Staff, group_id: UUID) -> TeamLine:
    roster = groups.read_roster(staff.keys, group_id)
    return TeamLine(
        roster.name, len(groups.active_members_of(staff.keys, group_id)), reverse("team:team", args=[group_id])
    )


def team_page(staff: Staff, group_id: UUID) -> TeamPage:
    """Return one team with its members."""
    people = groups.active_members_of(staff.keys, group_id)
    return TeamPage(groups.read_roster(staff.keys, group_id).name, tuple(person_line(person) for person in people))


def removal_path(member_id: UUID) -> str:
    """Return the path of the page that removes a member."""
    return reverse("team:remove", args=[member_id])
