"""The words and numbers of all rows for search, collected in one reading of their summaries."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from caseapp.index import text_keys
from caseapp.index.rows import RowSummary


class NumberColumn:
    """Numbers of cases, a line each, with the slot of its case. A case has each number once."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.slots = array("I")

    def read_rows(self, slots: Sequence[int], numbers_of: Iterable[Sequence[str]]) -> None:
        """Collect the numbers of some cases."""
        for slot, numbers in zip(slots, numbers_of, strict=True):
            for number in numbers if len(numbers) < 2 else dict.fromkeys(numbers):
                self.numbers.append(number)
                self.slots.append(slot)


class WordColumns:
    """Words of names, numbers, telephones and days of birth, each with the slots of its cases in ascending order."""

    def __init__(self) -> None:
        self.cases: defaultdict[str, array[int]] = defaultdict(_no_slots)
        self.births: defaultdict[str, array[int]] = defaultdict(_no_slots)
        self.numbers, self.phones = NumberColumn(), NumberColumn()

    def read_rows(self, slots: Sequence[int], summaries: Sequence[RowSummary]) -> None:
        """Collect the words and numbers of some cases."""
        cases, births = self.cases, self.births
        for slot, names in zip(slots, map(attrgetter("names"), summaries), strict=True):
            for word in words_of(names):
                cases[word].append(slot)
        for slot, days in zip(slots, map(attrgetter("births"), summaries), strict=True):
            for born in days if len(days) < 2 else dict.fromkeys(days):
                births[born].append(slot)
        self.numbers.read_rows(slots, map(attrgetter("numbers"), summaries))
        self.phones.read_rows(slots, map(attrgetter("contact_phones"), summaries))


def words_of(names: Sequence[str]) -> Iterable[str]:
    """Return the words of normalised names, each once."""
    if len(names) == 1:
        return text_keys.split_words(names[0])
    return dict.fromkeys([word for name in names for word in text_keys.split_words(name)])


def _no_slots() -> "array[int]":
    return array("I")
