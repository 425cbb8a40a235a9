"""Courts, judges, languages, relief, members and rules of cases, by which lists and search filter."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

from caseapp.index import text_keys
from caseapp.index.columns.case_sets import CaseSet
from caseapp.index.rows import RowSummary

COURT, JUDGE, LANGUAGE, RELIEF, MEMBER, RULE = "court", "judge", "language", "relief", "member", "rule"
KINDS: Final = (COURT, JUDGE, LANGUAGE, RELIEF, MEMBER, RULE)
TEXTS: Final[tuple[tuple[str, Callable[[RowSummary], Sequence[str | bytes]]], ...]] = (
    (COURT, attrgetter("courts")),
    (JUDGE, attrgetter("judges")),
    (LANGUAGE, attrgetter("languages")),
    (RELIEF, attrgetter("relief")),
    (RULE, attrgetter("rules")),
    (MEMBER, attrgetter("people")),
)
MIN_LETTERS: Final = 3  # of a typed word that a court is searched for


class FacetTexts:
    """Normal form and spelling of each value: two spellings of one court are one value.

    A value is written as in the first case that had it.
    """

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}  # by kind and normal form
        self._facts: dict[str, dict[str | bytes, tuple[str, str]]] = {kind: {} for kind in KINDS}  # by text in a row

    def facts_of(self, keys: RowSummary) -> Iterator[tuple[str, str]]:
        """Yield the kind and normal form of each value of a case, the same one perhaps twice."""
        for kind, texts in _texts_of(keys):
            for text in texts:
                yield self.fact_of(kind, text)

    def fact_of(self, kind: str, text: str | bytes) -> tuple[str, str]:
        """Return the kind and normal form of a value as a case has it."""
        return self._facts[kind].get(text) or self._add(kind, text)

    def _add(self, kind: str, text: str | bytes) -> tuple[str, str]:
        normal = _normalise(kind, text)
        self._texts.setdefault((kind, normal), _written(text))
        fact = self._facts[kind][text] = (kind, normal)
        return fact

    def text_of(self, kind: str, normal: str) -> str:
        """Return the spelling of a value."""
        return self._texts[kind, normal]

    def forget(self, kind: str, normal: str) -> None:
        """Drop the spellings of a value that no case has any more."""
        if self._texts.pop((kind, normal), None) is not None:
            for text in [text for text, fact in self._facts[kind].items() if fact[1] == normal]:
                del self._facts[kind][text]

    def take_spelling(self, keys: RowSummary, sets: Mapping[str, Mapping[Hashable, CaseSet]]) -> None:
        """Write the values that only this case has as it writes them."""
        for kind, texts in _texts_of(keys):
            for text in texts:
                normal = self.fact_of(kind, text)[1]
                if len(sets[kind][normal]) == 1:
                    self._texts[kind, normal] = _written(text)


def courts_matching(query: str, normals: Iterable[str]) -> list[str]:
    """Return the normal forms of the courts in whose name each typed word begins a word."""
    asked = text_keys.normalise_name(query).replace("-", " ").split()
    if not asked or min(map(len, asked)) < MIN_LETTERS:
        return []
    return [
        normal
        for normal in normals
        if all(any(word.startswith(part) for word in normal.replace("-", " ").split()) for part in asked)
    ]


def _texts_of(keys: RowSummary) -> Iterator[tuple[str, Sequence[str | bytes]]]:
    return ((kind, texts_of(keys)) for kind, texts_of in TEXTS)


def _written(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.hex()


def _normalise(kind: str, text: str | bytes) -> str:
    """Return the form by which values of a kind are compared; codes and ids are their own."""
    written = _written(text)
    if kind in {RELIEF, MEMBER, RULE}:
        return written
    return text_keys.normalise_name(written) or written.strip().casefold()
