"""The definition of a kept list, and the numbers that its items are sorted by."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final, Generic

from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.results import T
from caseapp.index.rows import CaseRow

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_RANK_BITS: Final = 22
LAST_DAY: Final = dt.date.max.toordinal()


class KeptList(ABC, Generic[T]):
    """A list of what rows contain. A subclass is a frozen dataclass: its fields are all that the list depends on.

    The list is found in memory by these fields, and after a change of a row only that row is read again. So
    `items_in` must be a function of the fields and the row alone: no clock, no settings, no language, no other row.
    `tests/index/kept_lists` refuses a subclass that is not.
    """

    @abstractmethod
    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the slots of all rows that may have an item, each once; others may be among them."""

    @abstractmethod
    def items_in(self, row: CaseRow) -> Iterable[tuple[int, T]]:
        """Return the items of a row, each after the number that it is sorted by.

        Items of one number are in the order of the refs of their cases; those of one case in the order given here.
        """


def order_of_instant(instant: dt.datetime) -> int:
    """Return the number that aware instants are sorted by."""
    return (instant - _EPOCH) // _MICROSECOND


def order_of(first: int, second: int) -> int:
    """Return the number of two ranks, the first of them the more important: each of 0 to 2^22, enough for a day."""
    return first << _RANK_BITS | second
