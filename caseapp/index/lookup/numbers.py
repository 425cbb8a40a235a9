"""Numbers of a group's cases, found whole, by their end or by any part: in memory, updated row by row."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Final

from caseapp.index.lookup.word_columns import NumberColumn

TAIL: Final = 3  # last signs by which numbers are looked up
MAX_UNREAD: Final = 500  # numbers that are looked at one by one before all are put into one text again
_GONE: Final = 2**32 - 1


class Numbers:
    """Numbers as letters and digits, each with the slots of its cases: one text of all, a line for each.

    20 bytes a number of ten digits. Removed numbers are marked; new ones are in a list until there are many.
    """

    def __init__(self, column: NumberColumn) -> None:
        self._unread: list[tuple[str, int]] = []
        self._set_lines(column.numbers, column.slots)

    def _set_lines(self, numbers: Sequence[str], slots: "array[int]") -> None:
        self._text = "\n".join(("", *numbers, ""))
        ends = accumulate((len(number) + 1 for number in numbers), initial=1)
        self._starts = array("I", islice(ends, len(numbers)))  # of each line
        self._slots = slots  # of each line

    def add(self, slot: int, numbers: Iterable[str]) -> None:
        """Add the numbers of a case."""
        self._unread += [(number, slot) for number in dict.fromkeys(numbers)]

    def remove(self, slot: int, numbers: Iterable[str]) -> None:
        """Remove the numbers of a case. A number may be there twice."""
        for number in set(numbers):
            if (number, slot) in self._unread:
                self._unread.remove((number, slot))
                continue
            for line, _ in self._lines_with(f"\n{number}\n"):
                if self._slots[line] == slot:
                    self._slots[line] = _GONE

    def cases_with(self, number: str) -> set[int]:
        """Return the cases with a number."""
        return {slot for _, slot in self._matching(f"\n{number}\n")}

    def with_tail_of(self, number: str) -> Iterator[tuple[str, int]]:
        """Yield the numbers that end as this one does, each with a case."""
        return self._matching(f"{number[-TAIL:]}\n")

    def with_part(self, part: str) -> Iterator[tuple[str, int]]:
        """Yield the numbers that contain a part, each with a case."""
        return self._matching(part)

    def _matching(self, pattern: str) -> Iterator[tuple[str, int]]:
        if len(self._unread) > MAX_UNREAD:
            self._read_all()
        for line, number in self._lines_with(pattern):
            if self._slots[line] != _GONE:
                yield number, self._slots[line]
        for number, slot in self._unread:
            if pattern in f"\n{number}\n":
                yield number, slot

    def _lines_with(self, pattern: str) -> Iterator[tuple[int, str]]:
        """Yield each line that has a pattern, a line end being a part of it on either side, and its text."""
        at = self._text.find(pattern)
        while at >= 0:
            inside = at + 1 if pattern.startswith("\n") else at
            line = bisect_right(self._starts, inside) - 1
            stop = self._text.index("\n", inside)
            yield line, self._text[self._starts[line] : stop]
            at = self._text.find(pattern, stop)

    def _read_all(self) -> None:
        """Put all numbers into one text."""
        lines = self._text.split("\n")[1:-1]
        kept = [(number, slot) for number, slot in zip(lines, self._slots, strict=True) if slot != _GONE]
        kept += self._unread
        self._unread = []
        self._set_lines([number for number, _ in kept], array("I", (slot for _, slot in kept)))

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately."""
        return len(self._text) + 8 * len(self._slots) + 150 * len(self._unread)
