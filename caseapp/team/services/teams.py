"""Service that creates a team. It spans accounts and index."""

from uuid import UUID

from caseapp.accounts.directory import groups
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.team_index import index_creator
from caseapp.vault.core.keyring import TEAM, GroupKey


def create_team(staff: Staff, *, name: str, members: tuple[UUID, ...] = ()) -> GroupKey:
    """Create a team with its own index, led by the caller. Call it outside of a transaction.

    Raises NotFound, Refused.
    """
    seats = {**dict.fromkeys(members, groups.MEMBER), staff.member_id: groups.LEAD}
    return groups.create(staff.keys, kind=TEAM, name=name, members=seats, prepare=index_creator(staff))
