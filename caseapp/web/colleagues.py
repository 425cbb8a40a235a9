"""Names of the people one works with, for pages."""

from collections.abc import Mapping
from uuid import UUID

from caseapp.accounts import roster
from caseapp.accounts.keys import Keys
from caseapp.accounts.roster import Colleague

Names = Mapping[UUID, str]


def colleagues_of(keys: Keys, group_id: UUID | None = None) -> tuple[Colleague, ...]:
    """The members of one group, or of all groups of these keys, each once, by name."""
    groups = [group_id] if group_id else [group.group for group in keys.groups]
    found = {member.member_id: member for group in groups for member in roster.colleagues(keys, group)}
    return tuple(sorted(found.values(), key=lambda member: member.name.casefold()))


def names_of(team: tuple[Colleague, ...]) -> Names:
    """Member id to name."""
    return {member.member_id: member.name for member in team}
