"""Cases by the days of their hearings and deadlines, updated row by row."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from caseapp.index.rows import RowSummary

MINUTES_PER_DAY: Final = 1440  # minutes
DayOrOwner = TypeVar("DayOrOwner", int, bytes)
Dated = dict[int, set[bytes]]


class GroupAgenda:
    """Cases by day: hearings by days since 1970 UTC, deadlines by day ordinal; open tasks by owner (empty = none).

    `awaited` are the cases in which a colleague of the lead has an open task, by lead.
    """

    def __init__(self, fronts: Mapping[bytes, RowSummary]) -> None:
        self.hearings: Dated = {}
        self.deadlines: Dated = {}
        self.tasks: dict[bytes, set[bytes]] = {}
        self.awaited: dict[bytes, set[bytes]] = {}
        for case_id, keys in fronts.items():
            self.add(case_id, keys)

    def add(self, case_id: bytes, keys: RowSummary) -> None:
        """Add the row of a new case."""
        for minute in keys.hearings:
            self.hearings.setdefault(minute // MINUTES_PER_DAY, set()).add(case_id)
        for day in keys.deadlines:
            self.deadlines.setdefault(day, set()).add(case_id)
        for owner in keys.owners:
            self.tasks.setdefault(owner, set()).add(case_id)
        for lead in _waiting_lead(keys):
            self.awaited.setdefault(lead, set()).add(case_id)

    def remove(self, case_id: bytes, keys: RowSummary) -> None:
        """Remove a row. `keys` must be the same as when it was added."""
        for dated, days in (
            (self.hearings, {minute // MINUTES_PER_DAY for minute in keys.hearings}),
            (self.deadlines, keys.deadlines),
        ):
            _discard_case(dated, days, case_id)
        _discard_case(self.tasks, keys.owners, case_id)
        _discard_case(self.awaited, _waiting_lead(keys), case_id)


def _waiting_lead(keys: RowSummary) -> tuple[bytes, ...]:
    """Return the lead of a case in which a colleague has an open task; () otherwise."""
    waits = keys.lead and any(owner not in (b"", keys.lead) for owner in keys.owners)
    return (keys.lead,) if waits else ()


def _discard_case(held: dict[DayOrOwner, set[bytes]], days_or_owners: Iterable[DayOrOwner], case_id: bytes) -> None:
    for key in set(days_or_owners):
        held[key].remove(case_id)
        if not held[key]:
            del held[key]


def case_ids_between(dated: Dated, first: int | None, last: int) -> Iterator[bytes]:
    """Yield the cases of each day from `first` (None: no lower limit) to `last`, both included, in order of days.

    A case appears once for each of its days. Entries without a date (0) are left out.
    """
    for day in sorted(day for day in dated if day and (first is None or first <= day) and day <= last):
        yield from dated[day]
