"""The members of a group and of a case's team, under the names that pages and other rooms use."""

from uuid import UUID

from caseapp.accounts.directory import groups
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile

Colleague = Person


def members_of_group(keys: Keys, group_id: UUID) -> tuple[Person, ...]:
    """Return the active members of a group, by name. Raises NotFound, OpenFailed."""
    return groups.active_members_of(keys, group_id)


def team_of_case(keys: Keys, file: SealedFile, *, accepts_older: bool = False) -> tuple[Person, ...]:
    """Return the active members a case is open to, by name: its group's, and those it is shared with.

    For a group it is shared with, only the names that are known without that group's key. `accepts_older`: to show
    names of a directory that was put back. Raises NotFound, OpenFailed.
    """
    access = file.get_only(Access).record
    shared = {share.member for share in access.shares if share.member is not None}
    return groups.active_members_of(keys, access.home_group_id, shared, accepts_older=accepts_older)
