"""Cases in order of a number (a day, a minute) or of a text, kept sorted case by case."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from caseapp.index.columns.case_sets import Bitmap, as_bytes

_SLOT_BITS: Final = 32
_SLOT: Final = (1 << _SLOT_BITS) - 1
_HIGHEST: Final = (1 << 32) - 1
_BLOCK: Final = 512  # entries looked at in one step


class NumberOrder:
    """Cases by a number of 0 to 2^32 - 1; others count as the nearest. A case may be there under several numbers.

    Each entry is one integer (`entry_of`), the number above the slot, in a sorted array of 8 bytes each.
    """

    __slots__ = ("_below", "_entries", "_reached")

    def __init__(self, entries: Iterable[int] = ()) -> None:
        self._entries = array("Q", sorted(set(entries)))
        self._below = Bitmap()  # the cases under a number below `_reached`
        self._reached = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, number: int, slot: int) -> None:
        """Add a case under a number."""
        entry = entry_of(number, slot)
        at = bisect_left(self._entries, entry)
        if at == len(self._entries) or self._entries[at] != entry:
            self._entries.insert(at, entry)
        if _clamp(number) < self._reached:
            self._below.add(slot)

    def discard(self, number: int, slot: int) -> None:
        """Remove a case from under a number, if it is there."""
        entry = entry_of(number, slot)
        at = bisect_left(self._entries, entry)
        if at < len(self._entries) and self._entries[at] == entry:
            del self._entries[at]
            self._below.discard(slot)

    def cases_below(self, number: int) -> int:
        """Return the cases under a lower number, as bits. Only for an order in which each case is once.

        Asked again for a later number, it looks only at the entries between the two.
        """
        number = _clamp(number)
        was, now = self._start_of(self._reached), self._start_of(number)
        for entry in self._entries[was:now]:
            self._below.add(entry & _SLOT)
        for entry in self._entries[now:was]:
            self._below.discard(entry & _SLOT)
        self._reached = number
        return self._below.bits

    def walk(
        self, wanted: int, *, first: int = 0, last: int = _HIGHEST, backwards: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Yield (number, slot) of the wanted cases from number `first` to `last`, both included."""
        filled = as_bytes(wanted)
        size = len(filled) * 8
        start = self._start_of(_clamp(first))
        stop = len(self._entries) if last >= _HIGHEST else self._start_of(_clamp(last) + 1)
        for entries in self._blocks(start, stop, backwards=backwards):
            for entry in entries:
                slot = entry & _SLOT
                if slot < size and filled[slot >> 3] >> (slot & 7) & 1:
                    yield entry >> _SLOT_BITS, slot

    def _blocks(self, start: int, stop: int, *, backwards: bool) -> Iterator["array[int]"]:
        if backwards:
            for end in range(stop, start, -_BLOCK):
                yield self._entries[max(start, end - _BLOCK) : end][::-1]
        else:
            for begin in range(start, stop, _BLOCK):
                yield self._entries[begin : min(stop, begin + _BLOCK)]

    def _start_of(self, number: int) -> int:
        return bisect_left(self._entries, number << _SLOT_BITS)

    @property
    def weight(self) -> int:
        """Return the bytes in memory of what is in the order."""
        return 8 * len(self._entries) + self._below.weight


class TextOrder:
    """Cases by a text, those of one text by id. `key_of` gives (text, id) of a slot as they are now.

    slots  in the order of case ids
    """

    __slots__ = ("_key_of", "_slots")

    def __init__(
        self, slots: Iterable[int], text_of: Callable[[int], str], key_of: Callable[[int], tuple[str, bytes]]
    ) -> None:
        self._key_of = key_of
        self._slots = array("I", sorted(slots, key=text_of))  # cases of one text keep their order

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, slot: int) -> None:
        """Add a case, after its text is set."""
        self._slots.insert(bisect_left(self._slots, self._key_of(slot), key=self._key_of), slot)

    def remove(self, slot: int) -> None:
        """Remove a case, before its text changes."""
        at = bisect_left(self._slots, self._key_of(slot), key=self._key_of)
        if self._slots[at] != slot:
            raise ValueError("the text of a case changed while it was in an order")
        del self._slots[at]

    def walk(self, wanted: int) -> Iterator[int]:
        """Yield the wanted cases in order."""
        filled = as_bytes(wanted)
        size = len(filled) * 8
        for begin in range(0, len(self._slots), _BLOCK):
            for slot in self._slots[begin : begin + _BLOCK]:
                if slot < size and filled[slot >> 3] >> (slot & 7) & 1:
                    yield slot

    def walk_from(self, text: str) -> Iterator[int]:
        """Yield the cases from the first whose text is `text` or later."""
        for at in range(bisect_left(self._slots, (text, b""), key=self._key_of), len(self._slots)):
            yield self._slots[at]

    @property
    def weight(self) -> int:
        """Return the bytes in memory."""
        return 4 * len(self._slots)


def entry_of(number: int, slot: int) -> int:
    """Return the entry of a case under a number."""
    return (number if 0 <= number <= _HIGHEST else _clamp(number)) << _SLOT_BITS | slot


def entries_of(numbers: Sequence[int], slots: Iterable[int]) -> "array[int]":
    """Return the entries of cases under these numbers, one each."""
    try:
        return array("Q", [number << _SLOT_BITS | slot for number, slot in zip(numbers, slots, strict=True)])
    except OverflowError:  # some number counts as the nearest
        return array("Q", map(entry_of, numbers, slots))


def _clamp(number: int) -> int:
    return min(max(number, 0), _HIGHEST)
