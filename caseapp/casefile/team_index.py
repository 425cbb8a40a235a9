"""Inviting somebody and letting them in: the parts that span accounts, mail and reminders."""

from collections.abc import Callable

from caseapp.accounts.keys.staff import Staff
from caseapp.index import store
from caseapp.vault.core.keyring import GroupKey


def index_of(staff: Staff) -> Callable[[GroupKey], None]:
    """Makes the empty index of a new group of this office."""
    return lambda group: store.create(staff.org_id, group.group, group.epoch)
