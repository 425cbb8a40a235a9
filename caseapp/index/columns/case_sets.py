"""Sets of cases by slot. Few cases are a sorted array, many are bits; for set algebra both are given as one integer."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MOST_IN_ARRAY: Final = 256  # slots; from there on bits take less memory
_FEW: Final = 16
_FLAG_SET: Final = ord("1")
_NOT_EMPTY: Final = re.compile(rb"[^\0]")
_BITS_OF_BYTE: Final = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


class Bitmap:
    """A set of slots as bits, one for each slot up to the highest."""

    __slots__ = ("_bits",)

    def __init__(self, slots: Sequence[int] = ()) -> None:
        flags = bytearray(b"0") * (max(slots, default=-1) + 1)
        for slot in slots:
            flags[slot] = _FLAG_SET
        # The digits of a number of base 2, which Python reads at once.
        self._bits = bytearray(as_bytes(int(flags[::-1] or b"0", 2)))

    @classmethod
    def from_bits(cls, bits: int) -> "Bitmap":
        """Return the set of an integer: bit n is slot n."""
        bitmap = cls()
        bitmap._bits = bytearray(as_bytes(bits))
        return bitmap

    def add(self, slot: int) -> None:
        """Add a slot."""
        at = slot >> 3
        if at >= len(self._bits):
            self._bits.extend(bytes(at + 1 - len(self._bits)))
        self._bits[at] |= 1 << (slot & 7)

    def discard(self, slot: int) -> None:
        """Remove a slot, if it is there."""
        if slot >> 3 < len(self._bits):
            self._bits[slot >> 3] &= ~(1 << (slot & 7))

    def __contains__(self, slot: int) -> bool:
        at = slot >> 3
        return at < len(self._bits) and bool(self._bits[at] >> (slot & 7) & 1)

    @property
    def bits(self) -> int:
        """Return the set as an integer: bit n is slot n."""
        return int.from_bytes(self._bits, "little")

    @property
    def weight(self) -> int:
        """Return the bytes in memory."""
        return len(self._bits)


class CaseSet:
    """A set of slots, small when it has few."""

    __slots__ = ("_bitmap", "_slots")

    def __init__(self, slots: Iterable[int] = ()) -> None:
        chosen = sorted(set(slots))
        self._slots = array("I", chosen if len(chosen) <= MOST_IN_ARRAY else ())
        self._bitmap = Bitmap(chosen) if len(chosen) > MOST_IN_ARRAY else None

    @classmethod
    def from_ascending(cls, slots: "array[int]") -> "CaseSet":
        """Return the set of slots that are in ascending order, each once."""
        cases = cls()
        if len(slots) > MOST_IN_ARRAY:
            cases._bitmap = Bitmap(slots)
        else:
            cases._slots = slots[:]  # without the room that an array keeps to grow
        return cases

    def add(self, slot: int) -> None:
        """Add a slot."""
        if self._bitmap is not None:
            self._bitmap.add(slot)
            return
        if not self._slots or slot > self._slots[-1]:
            self._slots.append(slot)
        elif slot not in self:
            self._slots.insert(bisect_left(self._slots, slot), slot)
        if len(self._slots) > MOST_IN_ARRAY:
            self._bitmap, self._slots = Bitmap(self._slots), array("I")

    def discard(self, slot: int) -> None:
        """Remove a slot, if it is there."""
        if self._bitmap is not None:
            self._bitmap.discard(slot)
        elif slot in self:
            del self._slots[bisect_left(self._slots, slot)]

    def __contains__(self, slot: int) -> bool:
        if self._bitmap is not None:
            return slot in self._bitmap
        at = bisect_left(self._slots, slot)
        return at < len(self._slots) and self._slots[at] == slot

    def __iter__(self) -> Iterator[int]:
        return iter(self._slots) if self._bitmap is None else slots_in(self._bitmap.bits)

    def __len__(self) -> int:
        return len(self._slots) if self._bitmap is None else self._bitmap.bits.bit_count()

    def __bool__(self) -> bool:
        return bool(self._slots) or (self._bitmap is not None and bool(self._bitmap.bits))

    @property
    def bits(self) -> int:
        """Return the set as an integer: bit n is slot n."""
        return bits_of(self._slots) if self._bitmap is None else self._bitmap.bits

    @property
    def weight(self) -> int:
        """Return the bytes in memory of what is in the set."""
        return 4 * len(self._slots) + (self._bitmap.weight if self._bitmap is not None else 0)


def bits_of(slots: Sequence[int]) -> int:
    """Return slots as an integer: bit n is slot n."""
    if len(slots) < _FEW:
        return sum(1 << slot for slot in set(slots))
    return Bitmap(slots).bits


def slots_in(bits: int) -> Iterator[int]:
    """Yield the slots of an integer, the lowest first."""
    filled = as_bytes(bits)
    for hit in _NOT_EMPTY.finditer(filled):
        base = hit.start() * 8
        for bit in _BITS_OF_BYTE[filled[hit.start()]]:
            yield base + bit


def as_bytes(bits: int) -> bytes:
    """Return an integer as bytes, for looking up single slots: `filled[slot >> 3] >> (slot & 7) & 1`."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
