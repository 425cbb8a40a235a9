"""Names of the people one works with, for pages."""

from collections.abc import Mapping
from uuid import UUID

from caseapp.accounts.directory import groups, members, team_members
from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Keys
from caseapp.vault.store import SealedFile

Names = Mapping[UUID, str]


def colleagues_of(keys: Keys, file: SealedFile | None = None) -> tuple[Colleague, ...]:
    """Who a case is open to, or everybody of the office; each once, by name."""
    return team_members.team_of(keys, file) if file is not None else members.read(keys).active


def names_of(team: tuple[Colleague, ...]) -> Names:
    """Member id to name."""
    return {member.member_id: member.name for member in team}


def teams_of(keys: Keys) -> list[tuple[UUID, str]]:
    """Id and name of the teams one is in, the one one came into first before all."""
    return [(team.group, groups.roster(keys, team.group).name) for team in keys.teams]
