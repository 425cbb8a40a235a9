"""Which cases have something on which day, kept up to date row by row."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from caseapp.index.rows import Keys

DAY: Final = 1440  # minutes
Place = TypeVar("Place", int, bytes)
Dated = dict[int, set[bytes]]


class Agenda:
    """Cases by day: hearings by days since 1970 UTC, deadlines by day ordinal; open tasks by owner (empty = nobody)."""

    def __init__(self, fronts: Mapping[bytes, Keys]) -> None:
        self.hearings: Dated = {}
        self.deadlines: Dated = {}
        self.tasks: dict[bytes, set[bytes]] = {}
        for case_id, keys in fronts.items():
            self.add(case_id, keys)

    def add(self, case_id: bytes, keys: Keys) -> None:
        """A row that was not there."""
        for minute in keys.hearings:
            self.hearings.setdefault(minute // DAY, set()).add(case_id)
        for day in keys.deadlines:
            self.deadlines.setdefault(day, set()).add(case_id)
        for owner in keys.owners:
            self.tasks.setdefault(owner, set()).add(case_id)

    def remove(self, case_id: bytes, keys: Keys) -> None:
        """A row that was added with these same keys."""
        for dated, days in (
            (self.hearings, {minute // DAY for minute in keys.hearings}),
            (self.deadlines, keys.deadlines),
        ):
            _discard(dated, days, case_id)
        _discard(self.tasks, keys.owners, case_id)


def _discard(held: dict[Place, set[bytes]], places: Iterable[Place], case_id: bytes) -> None:
    for place in set(places):
        held[place].remove(case_id)
        if not held[place]:
            del held[place]


def between(dated: Dated, first: int | None, last: int) -> Iterator[bytes]:
    """Cases with something on a day from `first` (None: from ever) to `last`, both included, in order of days.

    A case comes once a day, and days without a date (0) never.
    """
    for day in sorted(day for day in dated if day and (first is None or first <= day) and day <= last):
        yield from dated[day]
