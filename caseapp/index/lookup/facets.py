"""Cases by court, judge, language, relief, member and rule, updated row by row: for filters of lists and search."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from caseapp.index import text_keys
from caseapp.index.rows import RowSummary

COURT, JUDGE, LANGUAGE, RELIEF, MEMBER, RULE = "court", "judge", "language", "relief", "member", "rule"
KINDS: Final = (COURT, JUDGE, LANGUAGE, RELIEF, MEMBER, RULE)
MIN_LETTERS: Final = 3  # of a typed word that a court is searched for


@dataclass
class Facet:
    """One value: how it is written (in the first case that had it), and its cases."""

    text: str
    cases: set[bytes] = field(default_factory=set)


class GroupFacets:
    """Values of a group's cases by kind and normal form: two spellings of one court are one value."""

    def __init__(self, fronts: Mapping[bytes, RowSummary]) -> None:
        self.values: dict[str, dict[str, Facet]] = {kind: {} for kind in KINDS}
        self._normal: dict[str, str] = {}  # text: normal form, since many cases share a court
        for case_id, keys in fronts.items():
            self.add(case_id, keys)

    def add(self, case_id: bytes, keys: RowSummary) -> None:
        """Add the row of a new case."""
        for kind, text in _texts_of(keys):
            values, normal = self.values[kind], self._normalise(kind, text)
            facet = values.get(normal)
            if facet is None:
                facet = values[normal] = Facet(text)
            facet.cases.add(case_id)

    def remove(self, case_id: bytes, keys: RowSummary) -> None:
        """Remove a row. `keys` must be the same as when it was added."""
        for kind, text in _texts_of(keys):
            normal = self._normalise(kind, text)
            facet = self.values[kind].get(normal)
            if facet is None:
                continue  # the case has the value in two spellings
            facet.cases.discard(case_id)
            if not facet.cases:
                del self.values[kind][normal]

    def _normalise(self, kind: str, text: str) -> str:
        """Return the form by which values of a kind are compared; codes and ids are their own."""
        if kind in {RELIEF, MEMBER, RULE}:
            return text
        normal = self._normal.get(text)
        if normal is None:
            normal = self._normal[text] = text_keys.normalise_name(text) or text.strip().casefold()
        return normal

    def cases_with(self, wanted: Iterable[tuple[str, str]]) -> set[bytes] | None:
        """Return the cases that have every wanted (kind, normal form); None if nothing is wanted."""
        chosen = [self.values[kind][normal].cases if normal in self.values[kind] else set() for kind, normal in wanted]
        return set.intersection(*chosen) if chosen else None

    def matching_courts(self, query: str) -> list[str]:
        """Return the normal forms of the courts in whose name each typed word begins a word."""
        asked = text_keys.normalise_name(query).replace("-", " ").split()
        if not asked or min(map(len, asked)) < MIN_LETTERS:
            return []
        return [
            normal
            for normal in self.values[COURT]
            if all(any(word.startswith(part) for word in normal.replace("-", " ").split()) for part in asked)
        ]


def _texts_of(keys: RowSummary) -> Iterator[tuple[str, str]]:
    for kind, texts in (
        (COURT, keys.courts),
        (JUDGE, keys.judges),
        (LANGUAGE, keys.languages),
        (RELIEF, keys.relief),
        (RULE, keys.rules),
    ):
        for text in texts:
            yield kind, text
    for person in keys.people:
        yield MEMBER, person.hex()
