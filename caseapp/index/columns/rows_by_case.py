"""The raw rows of a group by slot, and the sorted order of the case ids."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final

from caseapp.index import rows
from caseapp.index.columns.changes import ChangeLog, RowSnapshot
from caseapp.index.rows import RowSummary

ID_SIZE: Final = 16  # bytes


class RowsByCase(Mapping[bytes, bytes]):
    """Raw rows by case id. A case keeps its slot until it is removed; a free slot is used again.

    The first rows, and any large number of them at once, are collected in a dict (`load`) and laid out at the next
    read: slots are then in the order of ids.
    """

    def __init__(self) -> None:
        self._loose: dict[bytes, bytes] | None = {}
        self._raw: list[bytes | None] = []
        self._ids = bytearray()
        self._order = array("I")  # slots in the order of case ids
        self._free = array("I")
        self.size = 0  # bytes of all rows
        self.changes = ChangeLog()

    @property
    def is_laid_out(self) -> bool:
        """Return whether the cases have slots."""
        return self._loose is None

    def load(self, case_id: bytes, raw: bytes | None) -> None:
        """Collect one of many rows; all slots are given anew. None removes the case."""
        if self._loose is None:
            self._loose = dict(self.items())
        before = self._loose.pop(case_id, b"")
        if raw is not None:
            self._loose[case_id] = raw
        self.size += len(raw or b"") - len(before)

    def _lay_out(self) -> None:
        loose, self._loose = self._loose, None
        if loose is not None:
            ids = sorted(loose)
            self._ids = bytearray(b"".join(ids))
            self._raw = [loose[case_id] for case_id in ids]
            self._order, self._free = array("I", range(len(ids))), array("I")
            self.changes = ChangeLog()  # snapshots of before keep the lists that were replaced

    def snapshot(self) -> RowSnapshot:
        """Return the rows as they are now; it costs only the rows that change while it is in use."""
        if self._loose is not None:
            self._lay_out()
        return RowSnapshot(self._raw, self._ids, ID_SIZE, self.changes.replaced_from_now())

    def _note(self, slot: int) -> None:
        """Note that a slot is about to change."""
        raw = self._raw[slot]
        self.changes.note(slot, (self.id_of(slot), raw) if raw is not None else None)

    def put(self, case_id: bytes, raw: bytes) -> int:
        """Set the row of a case. Return its slot."""
        slot = self.slot_of(case_id)
        if slot is None:
            slot = self._take_slot(case_id)
        self._note(slot)
        self.size += len(raw) - len(self._raw[slot] or b"")
        self._raw[slot] = raw
        return slot

    def _take_slot(self, case_id: bytes) -> int:
        if self._free:
            slot = self._free.pop()
            self._ids[slot * ID_SIZE : (slot + 1) * ID_SIZE] = case_id
        else:
            slot = len(self._raw)
            self._raw.append(None)
            self._ids += case_id
        self._order.insert(self._position_of(case_id), slot)
        return slot

    def remove(self, case_id: bytes) -> None:
        """Remove a case and free its slot."""
        at = self._position_of(case_id)
        slot = self._order[at]
        self._note(slot)
        self.size -= len(self._raw[slot] or b"")
        self._raw[slot] = None
        del self._order[at]
        self._free.append(slot)

    def _position_of(self, case_id: bytes) -> int:
        return bisect_left(self._order, case_id, key=self.id_of)

    def slot_of(self, case_id: bytes) -> int | None:
        """Return the slot of a case, None for an unknown one."""
        if self._loose is not None:
            self._lay_out()
        at = self._position_of(case_id)
        if at < len(self._order) and self.id_of(self._order[at]) == case_id:
            return self._order[at]
        return None

    def id_of(self, slot: int) -> bytes:
        """Return the id of the case in a slot."""
        return bytes(self._ids[slot * ID_SIZE : slot * ID_SIZE + ID_SIZE])

    def raw_of(self, slot: int) -> bytes:
        """Return the row in a slot. Raises KeyError."""
        raw = self._raw[slot]
        if raw is None:
            raise KeyError(slot)
        return raw

    def has_row(self, slot: int) -> bool:
        """Return whether a case is in a slot."""
        return self._raw[slot] is not None

    def summary_of(self, slot: int) -> RowSummary:
        """Return the summary of the row in a slot, decoded (3 us)."""
        return rows.decode_summary(self.raw_of(slot))

    def slots(self) -> "array[int]":
        """Return all slots in the order of case ids; not to be changed."""
        if self._loose is not None:
            self._lay_out()
        return self._order

    @property
    def top(self) -> int:
        """Return the number above all slots."""
        if self._loose is not None:
            self._lay_out()
        return len(self._raw)

    def ids_after(self, after: bytes | None) -> Iterator[bytes]:
        """Yield the ids above `after` (None: all), in order."""
        slots = self.slots()
        start = 0 if after is None else bisect_left(slots, after + b"\0", key=self.id_of)
        for at in range(start, len(slots)):
            yield self.id_of(slots[at])

    def __getitem__(self, case_id: bytes) -> bytes:
        slot = self.slot_of(case_id)
        if slot is None:
            raise KeyError(case_id)
        return self.raw_of(slot)

    def __iter__(self) -> Iterator[bytes]:
        return self.ids_after(None)

    def __len__(self) -> int:
        return len(self._loose) if self._loose is not None else len(self._order)

    def __contains__(self, case_id: object) -> bool:
        return isinstance(case_id, bytes) and self.slot_of(case_id) is not None


class Summaries(Mapping[bytes, RowSummary]):
    """Summaries by case id, decoded at each access (3 us): a loop over all of them is for upkeep, not for pages."""

    def __init__(self, by_case: RowsByCase) -> None:
        self._rows = by_case

    def __getitem__(self, case_id: bytes) -> RowSummary:
        return rows.decode_summary(self._rows[case_id])

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class SummariesBySlot(Mapping[int, RowSummary]):
    """Summaries by slot, decoded at each access (3 us)."""

    def __init__(self, by_case: RowsByCase) -> None:
        self._rows = by_case

    def __getitem__(self, slot: int) -> RowSummary:
        return self._rows.summary_of(slot)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows.slots())

    def __len__(self) -> int:
        return len(self._rows)
