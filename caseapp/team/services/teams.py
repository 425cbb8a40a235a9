"""Inviting somebody and letting them in: the parts that span accounts, mail and reminders."""

from uuid import UUID

from caseapp.accounts.directory import groups
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.team_index import index_of
from caseapp.vault.core.keyring import TEAM, GroupKey


def new_team(staff: Staff, *, name: str, members: tuple[UUID, ...] = ()) -> GroupKey:
    """A further team with its own index; whoever makes it leads it. Outside of any transaction.

    Raises NotFound, Refused.
    """
    seats = {**dict.fromkeys(members, groups.MEMBER), staff.member_id: groups.LEAD}
    return groups.create(staff.keys, kind=TEAM, name=name, members=seats, prepare=index_of(staff))
