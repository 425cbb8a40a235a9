"""Kept lists over all groups of a member: the items of a page are read, the others counted."""

import datetime as dt
import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Generic, overload
from uuid import UUID

from caseapp.index import rows
from caseapp.index.columns.case_sets import Bitmap
from caseapp.index.columns.changes import RowSnapshot
from caseapp.index.group_index import GroupIndex
from caseapp.index.kept.dates import DeadlinesBetween, HearingsBetween, HearingsOn
from caseapp.index.kept.definition import KeptList, order_of_instant
from caseapp.index.kept.kept_lists import Entries
from caseapp.index.kept.people import ClientsToContact, ClientsWhoReplied, RecentStops, TasksAwaitedBy, TasksOf
from caseapp.index.member.alike import AlikeQueries
from caseapp.index.results import Item, T
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.rows import DeadlineRow, HearingRow, TaskRow

Part = tuple[GroupIndex, RowSnapshot, Entries]


class KeptItems(Sequence[Item[T]], Generic[T]):
    """A list as it was when it was asked for. A row is decoded when an item of it is looked at."""

    def __init__(self, definition: KeptList[T], parts: Sequence[Part]) -> None:
        self._definition: KeptList[T] = definition
        self._parts = parts
        self._length = sum(len(entries) for _, _, entries in parts)
        # The part and the number in it of each of the first items of several parts.
        self._merged = self._merge() if len(parts) > 1 else iter(())
        self._places = list[tuple[int, int]]()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Item[T]: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item[T]]: ...
    def __getitem__(self, at: int | slice) -> Item[T] | list[Item[T]]:
        if isinstance(at, slice):
            return [self._item_at(each) for each in range(*at.indices(self._length))]
        return self._item_at(range(self._length)[at])

    def _item_at(self, at: int) -> Item[T]:
        part, at = self._place_of(at)
        group, snapshot, entries = self._parts[part]
        with group.lock:
            case_id, raw = snapshot.row_at(entries.slots[at])
        row = rows.decode(raw)
        _, item = next(islice(self._definition.items_in(row), entries.numbers[at], None))
        return Item(UUID(bytes=case_id), row, item)

    def _place_of(self, at: int) -> tuple[int, int]:
        """Return the part that an item is in, and its number there."""
        if len(self._parts) == 1:
            return 0, at
        self._places.extend(islice(self._merged, max(0, at + 1 - len(self._places))))
        return self._places[at]

    def _merge(self) -> Iterator[tuple[int, int]]:
        merged = heapq.merge(*(self._keys_of(part) for part in range(len(self._parts))))
        return ((part, at) for _, _, part, at in merged)

    def _keys_of(self, part: int) -> Iterator[tuple[int, str, int, int]]:
        """Yield what the items of a part are sorted by among those of other parts."""
        group, snapshot, entries = self._parts[part]
        for at, (order, slot) in enumerate(zip(entries.orders, entries.slots, strict=True)):
            with group.lock:
                _, raw = snapshot.row_at(slot)
            yield order, rows.decode_summary(raw).ref, part, at

    def after(self, order: int) -> "KeptItems[T]":
        """Return the items that are sorted by a number above `order`."""
        return KeptItems(
            self._definition, [(group, snapshot, entries.after(order)) for group, snapshot, entries in self._parts]
        )


class KeptQueries(AlikeQueries):
    """Lists that are kept while rows change; part of `view.IndexView`."""

    def read_kept(self, definition: KeptList[T]) -> KeptItems[T]:
        """Return a list of all groups as rows are now."""
        parts = list[Part]()
        with self._locked():
            for group in self._groups:
                entries, snapshot = group.kept.read(definition, group.facts)
                hidden = self._hidden(group) if len(self._groups) > 1 else 0
                if hidden:
                    entries = entries.without(Bitmap.from_bits(hidden))
                if entries:
                    parts.append((group, snapshot, entries))
        return KeptItems(definition, parts)

    def hearings_between(self, start: dt.datetime, end: dt.datetime) -> KeptItems[HearingRow]:
        """Return the hearings that start in [start, end), aware instants, in order, also those with an outcome."""
        return self.read_kept(HearingsBetween(start, end))

    def hearings_on(self, day: dt.date) -> KeptItems[HearingRow]:
        """Return the hearings of a day by the clock of their court, in order, also those with an outcome."""
        return self.read_kept(HearingsOn(day))

    def deadlines_between(
        self, start: dt.date | None, end: dt.date, *, owner: UUID | None = None
    ) -> KeptItems[DeadlineRow]:
        """Return open deadlines from `start` (None: no limit) to `end`, both included; fatal first, then by day."""
        return self.read_kept(DeadlinesBetween(start or dt.date.min, end, owner))

    def tasks_of(self, owner: UUID | None) -> KeptItems[TaskRow]:
        """Return open tasks of a member (None: without an owner), by day; those without a day last."""
        return self.read_kept(TasksOf(owner))

    def tasks_awaited_by(self, lead: UUID) -> KeptItems[TaskRow]:
        """Return open tasks that colleagues have in the cases of a lead, by day; those without a day last."""
        return self.read_kept(TasksAwaitedBy(lead))

    def clients_to_contact(self, definition: KeptList[ClientRow] | None = None) -> KeptItems[ClientRow]:
        """Return clients to contact about a hearing that is still ahead, the nearest hearing first.

        The days include one extra on either side; the caller decides what is due, in the hearing's own zone.

        definition  which of them, sorted by the start of the hearing; None: all
        """
        return self.read_kept(definition or ClientsToContact(self.today)).after(order_of_instant(self.now))

    def recent_stops(self) -> KeptItems[StopRow]:
        """Return clients who answered STOP in the last 7 days, the newest first."""
        return self.read_kept(RecentStops(self.today))

    def clients_who_replied(self) -> KeptItems[ReplyRow]:
        """Return clients who replied to a text and are to be called today, who waits longest first."""
        return self.read_kept(ClientsWhoReplied(self.today))
