"""Entries of the directory for a signing key whose authority ends: which of its signatures still count.

Taken in the transaction of the removal, or of the loss of rights, from the rows as they are stored at that moment.
"""

from collections.abc import Callable
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory.chains import chain, group_chains
from caseapp.accounts.directory.grants import digest_of_row
from caseapp.accounts.directory.records import Departure, Directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Grant, Roster

MAX_GRANTS = 1000  # waiting grants named: more than an office of 200 has, and a limit for a person who fills the table


def departures_after(keys: Keys, member_id: UUID) -> Callable[[Directory], tuple[Departure, ...]]:
    """Return the function that adds the departure of an active member's key to the directory's.

    Earlier departures lose what is not stored any more, so that the directory does not grow with each removal. For an
    edit of the directory, in its transaction; raises NotFound.
    """

    def add(people: Directory) -> tuple[Departure, ...]:
        states, _ = group_chains.survey(keys, people)
        rosters = {row.group_id: digest_of_row(bytes(row.sealed)) for row in Roster.objects.filter(org_id=keys.org_id)}
        waiting = Grant.objects.filter(org_id=keys.org_id).order_by("id").values_list("sealed", flat=True)
        grants = [digest_of_row(bytes(sealed)) for sealed in waiting[:MAX_GRANTS]]
        stored = {*rosters.values(), *grants}
        earlier = (
            replace(left, items=tuple(digest for digest in left.items if digest in stored))
            for left in people.departures
        )
        return (*earlier, chain.build_departure(people, member_id, states, rosters, grants))

    return add
