"""Numbers of a group's cases, found whole, by their end or by any part: in memory, updated row by row."""

from collections.abc import Iterable, Iterator
from typing import Final

TAIL: Final = 3  # last signs by which numbers are looked up
MAX_UNREAD: Final = 500  # numbers that are looked at one by one before all are put into one text again


class Numbers:
    """Numbers as letters and digits, each with the cases that have it."""

    def __init__(self) -> None:
        self._cases: dict[str, set[bytes]] = {}
        self._by_tail: dict[str, dict[str, None]] = {}
        self._text = "\n"  # all numbers, also those that are gone, except the unread ones
        self._unread: dict[str, None] = {}

    def add(self, case_id: bytes, numbers: Iterable[str]) -> None:
        """Add the numbers of a case."""
        for number in numbers:
            if number not in self._cases:
                self._cases[number] = set()
                self._by_tail.setdefault(number[-TAIL:], {})[number] = None
                self._unread[number] = None
            self._cases[number].add(case_id)

    def remove(self, case_id: bytes, numbers: Iterable[str]) -> None:
        """Remove the numbers of a case. A number may be there twice."""
        for number in set(numbers):
            self._cases[number].discard(case_id)
            if not self._cases[number]:
                del self._cases[number], self._by_tail[number[-TAIL:]][number]
                self._unread.pop(number, None)

    def cases_with(self, number: str) -> Iterable[bytes]:
        """Return the cases with a number."""
        return self._cases.get(number, ())

    def with_tail_of(self, number: str) -> Iterable[str]:
        """Return the numbers that end as this one does."""
        return self._by_tail.get(number[-TAIL:], ())

    def with_part(self, part: str) -> Iterator[str]:
        """Yield the numbers that contain a part, each once."""
        if len(self._unread) > MAX_UNREAD:
            self._text, self._unread = "\n".join(("", *self._cases, "")), {}
        seen = set[str]()
        at = self._text.find(part)
        while at >= 0:
            stop = self._text.index("\n", at)
            number = self._text[self._text.rindex("\n", 0, at) + 1 : stop]
            if number in self._cases and number not in self._unread:
                seen.add(number)
            at = self._text.find(part, stop)
        yield from seen
        yield from (number for number in self._unread if part in number)
