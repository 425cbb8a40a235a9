"""The people of a group under the names that pages and other rooms use."""

from uuid import UUID

from caseapp.accounts.directory import groups
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile

Colleague = Person


def colleagues(keys: Keys, group_id: UUID) -> tuple[Person, ...]:
    """Who is in a group and still in the office, by name. Raises NotFound, OpenFailed."""
    return groups.effective(keys, group_id)


def team_of(keys: Keys, file: SealedFile) -> tuple[Person, ...]:
    """Who a case is open to and who is still in the office, by name: its group, and whoever it is shared with.

    Of a group it is shared with only the names that are known without that group's key. Raises NotFound, OpenFailed.
    """
    access = file.one(Access).record
    shared = {share.member for share in access.shares if share.member is not None}
    return groups.effective(keys, access.home, shared)
