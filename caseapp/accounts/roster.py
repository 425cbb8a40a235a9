"""The people of a group under the names that pages and other rooms use."""

from uuid import UUID

from caseapp.accounts import groups
from caseapp.accounts.directory import Person
from caseapp.accounts.keys import Keys

Colleague = Person


def colleagues(keys: Keys, group_id: UUID) -> tuple[Person, ...]:
    """Who is in a group and still in the office, by name. Raises NotFound, OpenFailed."""
    return groups.effective(keys, group_id)
