"""Names of colleagues and teams for pages."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from caseapp.accounts.directory import groups, members, team_members
from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Keys
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile

MemberNames = Mapping[UUID, str]


def colleagues_of(keys: Keys, file: SealedFile | None = None) -> tuple[Colleague, ...]:
    """Return the members a case is open to, or without a case all active members; each once, by name.

    For showing names: a directory that was put back is shown too, and the page says so. When the record of the case's
    group does not count, all active members are returned, so that the case can be read; nothing is saved in it then.
    """
    if file is not None:
        with suppress(OpenFailed):
            return team_members.team_of_case(keys, file, accepts_older=True)
    return members.read_directory(keys, accepts_older=True).active_people


def supervising_names_of(keys: Keys) -> tuple[str, ...]:
    """Return the names of the office's supervising attorneys; () until an admin marks one."""
    people = members.read_directory(keys, accepts_older=True).supervising_people
    return tuple(person.name for person in people)


def names_of(team: tuple[Colleague, ...]) -> MemberNames:
    """Return a mapping from member id to name."""
    return {member.member_id: member.name for member in team}


def teams_of(keys: Keys) -> list[tuple[UUID, str]]:
    """Return id and name of the caller's teams that count, the earliest joined first."""
    return [(team.group, roster.name) for team, roster in groups.readable_rosters(keys)]
