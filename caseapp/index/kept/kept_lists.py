"""The kept lists of one group: each is made once, then only rows that changed are read for it.

A list takes 16 bytes an item: what the item is sorted by, the slot of its row, and its number among those of the row.
No row stays decoded. Its place among items of the same number is by the case's ref, which is in memory anyway.
"""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from caseapp.index import rows
from caseapp.index.columns.case_sets import Bitmap
from caseapp.index.columns.changes import Moment, RowSnapshot
from caseapp.index.columns.rows_by_case import RowsByCase
from caseapp.index.kept.definition import KeptList
from caseapp.index.lookup.facts import GroupFacts

MOST_BYTES: Final = 8 * 1024 * 1024  # of all lists of a group; then lists that were not read lately are dropped
ENTRY_BYTES: Final = 16
LIST_BYTES: Final = 1500  # of an empty list (measured, rounded up)
MANY_CHANGES: Final = 64  # changed rows; with more of them than items, a list is made anew


@dataclass(frozen=True, slots=True)
class Entries:
    """The items of a list, in order; the arrays are never changed."""

    orders: "array[int]"
    slots: "array[int]"
    numbers: "array[int]"

    def __len__(self) -> int:
        return len(self.slots)

    def without(self, slots: Bitmap | set[int]) -> "Entries":
        """Return the entries of other slots."""
        others = [slot not in slots for slot in self.slots]
        if all(others):
            return self
        return Entries(
            array("q", compress(self.orders, others)),
            array("I", compress(self.slots, others)),
            array("I", compress(self.numbers, others)),
        )

    def after(self, order: int) -> "Entries":
        """Return the entries that are sorted by a number above `order`."""
        start = bisect_left(self.orders, order + 1)
        return Entries(self.orders[start:], self.slots[start:], self.numbers[start:]) if start else self


class _Kept:
    """A list as it was at a moment."""

    __slots__ = ("entries", "moment")

    def __init__(self, entries: Entries, moment: Moment) -> None:
        self.entries, self.moment = entries, moment


class KeptLists:
    """The lists of one group, by their definition."""

    def __init__(self, by_case: RowsByCase) -> None:
        self._rows = by_case
        self._lists: OrderedDict[KeptList[Any], _Kept] = OrderedDict()
        self.weight = 0  # bytes in memory, approximately

    def read(self, wanted: KeptList[Any], known: GroupFacts) -> tuple[Entries, RowSnapshot]:
        """Return the items of a list as rows are now, and these rows. `known` are the facts of the same rows."""
        snapshot, moment = self._rows.snapshot(), self._rows.changes.moment()
        kept = self._lists.pop(wanted, None)
        changed = self._rows.changes.changed_since(kept.moment) if kept is not None else None
        if kept is None or changed is None or len(changed) > MANY_CHANGES + len(kept.entries):
            entries = self._make(wanted, known)
        else:
            entries = self._follow(kept.entries, changed, wanted, known) if changed else kept.entries
        self._lists[wanted] = _Kept(entries, moment)
        self.weight += _weight_of(entries) - (_weight_of(kept.entries) if kept is not None else 0)
        while self.weight > MOST_BYTES and len(self._lists) > 1:
            self.weight -= _weight_of(self._lists.popitem(last=False)[1].entries)
        return entries, snapshot

    def _make(self, wanted: KeptList[Any], known: GroupFacts) -> Entries:
        ordered = sorted(
            (order, known.ref_of(slot), number, slot)
            for slot in wanted.cases_in(known)
            for number, order in enumerate(self._orders_at(wanted, slot))
        )
        return Entries(
            array("q", [entry[0] for entry in ordered]),
            array("I", [entry[3] for entry in ordered]),
            array("I", [entry[2] for entry in ordered]),
        )

    def _follow(self, before: Entries, changed: set[int], wanted: KeptList[Any], known: GroupFacts) -> Entries:
        """Return the entries after these slots changed: what they had is left out, what they have now is put in."""
        kept = before if changed.isdisjoint(before.slots) else before.without(changed)
        added = [
            (order, known.ref_of(slot), number, slot)
            for slot in changed
            for number, order in enumerate(self._orders_at(wanted, slot))
        ]
        if not added:
            return kept
        after = Entries(kept.orders[:], kept.slots[:], kept.numbers[:])
        for order, ref, number, slot in added:
            at = bisect_left(
                range(len(after)),
                (order, ref, number, slot),
                key=lambda at: (after.orders[at], known.ref_of(after.slots[at]), after.numbers[at], after.slots[at]),
            )
            after.orders.insert(at, order)
            after.slots.insert(at, slot)
            after.numbers.insert(at, number)
        return after

    def _orders_at(self, wanted: KeptList[Any], slot: int) -> Iterable[int]:
        """Return what the items of the row in a slot are sorted by; a slot may be empty."""
        if not self._rows.has_row(slot):
            return []
        return [order for order, _ in wanted.items_in(rows.decode(self._rows.raw_of(slot)))]


def _weight_of(entries: Entries) -> int:
    return LIST_BYTES + ENTRY_BYTES * len(entries)
