"""View models of the pages about members and teams."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from caseapp.accounts.directory import groups, members
from caseapp.accounts.directory.chains import chain, group_chains
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.findings import chain_code
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.members.invitations import EXPIRED, PENDING, OpenInvitation
from caseapp.audit import read
from caseapp.audit.records import AuditRecord
from caseapp.lib import clock
from caseapp.reminders.sending import waiting_mail
from caseapp.reminders.sending.messages import message_for
from caseapp.ui.display import labels
from caseapp.ui.display.finding_labels import FINDING_LABELS
from caseapp.ui.display.member_lines import ROLES, PersonLine, person_line
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.errors import NoKey, OpenFailed

REPORTED_FOR = dt.timedelta(days=14)


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
class HandOverPage:
    """A link to hand over, shown once: whose it is, and the link."""

    name: str
    email: str
    link: str


@dataclass(frozen=True)
class InvitationLetter:
    """The mail of an invitation in one language."""

    language: str
    code: str
    subject: str
    body: str


@dataclass(frozen=True)
class TeamLine:
    """One team of the signed-in member."""

    name: str
    count: int
    href: str


@dataclass(frozen=True)
class PeoplePage:
    """Values of the list of members, invitations and teams. `hidden_teams`: those of the member that do not count."""

    people: tuple[PersonLine, ...]
    invited: tuple[InvitationLine, ...]
    teams: tuple[TeamLine, ...]
    may_invite: bool
    may_make_team: bool
    findings: tuple[str, ...] = ()
    hidden_teams: int = 0


@dataclass(frozen=True)
class TeamPage:
    """Values of the page of one team."""

    name: str
    people: tuple[PersonLine, ...]


def people_page(staff: Staff) -> PeoplePage:
    """Return the active members of the office, the caller's teams, and the invitations for a caller who may invite."""
    may_invite = permissions.is_permitted(staff, "invite")
    mail_states = waiting_mail.states_of(staff.org_id)
    invited = (
        tuple(invitation_line(waiting, mail_states) for waiting in invitations.list_open_invitations(staff))
        if may_invite
        else ()
    )
    teams = tuple(_team_line(staff, team.group, roster) for team, roster in groups.readable_rosters(staff.keys))
    return PeoplePage(
        people=tuple(
            person_line(person) for person in members.read_directory(staff.keys, accepts_older=True).active_people
        ),
        invited=invited,
        teams=teams,
        hidden_teams=len(staff.keys.teams) - len(teams),
        may_invite=may_invite,
        may_make_team=permissions.is_permitted(staff, "make_team"),
        findings=_findings(staff) if may_invite else (),
    )


def hand_over_page(link: str, invited: Mapping[str, Any]) -> HandOverPage:
    """Return the page that shows a link once. `invited` has the cleaned name and e-mail."""
    return HandOverPage(invited["name"], invited["email"], link)


def invitation_letters() -> tuple[InvitationLetter, ...]:
    """Return the mail of an invitation in each language that it can be sent in."""
    letters = ((code, str(language), message_for("invitation", code)) for code, language in settings.LANGUAGES)
    return tuple(InvitationLetter(language, code, text.subject, text.body) for code, language, text in letters)


def _state_of(waiting: OpenInvitation, mail_state: str) -> tuple[str, str]:
    """Return the kind of an invitation's state and its words. `mail_state`: of its mail, if that did not go out."""
    if waiting.state == PENDING:
        return "to-check", _("Compare six words and approve them")
    if waiting.state == EXPIRED:
        return "waived", _("Expired, not used")
    if mail_state == "waiting":
        return "waiting", _("The mail server asked to wait: it is mailed again automatically")
    if mail_state == "refused":
        return "passed", _("The mail server refused it: revoke it and invite them at another address")
    return "waiting", _("Waiting for them to use the link")


def _findings(staff: Staff) -> tuple[str, ...]:
    """Return what an admin should know of the office's keys: groups that do not fit, and what was refused lately."""
    people = members.read_directory(staff.keys)
    states, problems = group_chains.survey(staff.keys, people)
    lines = [
        f"{_group_name(staff, group_id)}: {labels.label_of(FINDING_LABELS, chain_code(reason))}"
        for group_id, reason in problems.items()
    ]
    orphaned = [group_id for group_id, state in states.items() if chain.is_orphaned(state, people)]
    lines += [
        _("%(group)s: no member of the office has its key. Only the recovery sheets open it.")
        % {"group": _group_name(staff, group_id)}
        for group_id in orphaned
    ]
    names = {person.member_id: person.name for person in people.people}
    for record in _recently_refused(staff):
        who = names.get(record.member, "")
        lines.append(f"{who}: {labels.label_of(FINDING_LABELS, record.reason)}")
    return tuple(dict.fromkeys(lines))


def _group_name(staff: Staff, group_id: UUID) -> str:
    try:
        return groups.read_roster(staff.keys, group_id).name
    except (NoKey, OpenFailed):
        return _("A group you are not in")


def _recently_refused(staff: Staff) -> list[AuditRecord]:
    """Return the reports of refused keys of the last days, newest first, each reason of a member once."""
    privates = [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS]
    entries = read.entries(staff.org_id, privates, since=clock.now() - REPORTED_FOR)
    refused = [line.record for line in entries if line.record is not None and line.record.what == "keys.refused"]
    return list({(record.member, record.reason): record for record in reversed(refused)}.values())[::-1]


def invitation_line(waiting: OpenInvitation, mail_states: Mapping[UUID, str]) -> InvitationLine:
    """Return one invitation with its state in words. `mail_states`: as in `waiting_mail.states_of`."""
    asked = waiting.record
    kind, word = _state_of(waiting, mail_states.get(waiting.id, ""))
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


def _team_line(staff: Staff, group_id: UUID, roster: groups.TeamRoster) -> TeamLine:
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
