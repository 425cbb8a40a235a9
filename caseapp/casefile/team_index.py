"""The empty search index that a new group of the office starts with."""

from collections.abc import Callable

from caseapp.accounts.keys.staff import Staff
from caseapp.index import store
from caseapp.vault.core.keyring import GroupKey


def index_creator(staff: Staff) -> Callable[[GroupKey], None]:
    """Return a function that creates the empty index of a new group of this office."""
    return lambda group: store.create(staff.org_id, group.group, group.epoch)
