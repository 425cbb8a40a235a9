"""The different words of a group's names, each with its cases: looked up as written, by spelling and by sound."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from caseapp.index.columns.case_sets import CaseSet
from caseapp.index.lookup.ranking import NOT_ALIKE, PARTICLES
from caseapp.index.spellings.romanisation import romanisation_keys, spelling_variants
from caseapp.index.spellings.sounds import fold_spelling, likeness_of_words, sound_codes

if TYPE_CHECKING:
    from array import array

WORD_BYTES: Final = 1000  # of Python objects for each different word (measured 806 to 937 by tracemalloc)
MIN_SPELLING_LIKENESS: Final = 0.74  # of two spellings, with one for each sound: one error in four letters
MIN_SPELLED_LETTERS: Final = 4  # minimum letters of a word that is looked for in other spellings
MIN_INNER_LETTERS: Final = 4  # minimum letters of a match inside a word: Emeka in Chukwuemeka
MAX_ALIKE: Final = 80  # words of the group for one asked word
MAX_LIKENESS: Final = 0.98  # of a word that is not the asked one
ROMANISED: Final = 0.92  # likeness of two romanisations of one name
SAME_WORD: Final = (1.0, "name")
Alike = dict[str, tuple[float, str]]  # word: likeness 0 to 1, and the reason: name, spelling or sound


class KnownWords:
    """The words of a group's names. A word without cases is forgotten."""

    def __init__(self, columns: "Mapping[str, array[int]]") -> None:
        """Take words with the slots of their cases, in ascending order."""
        self.cases = {word: CaseSet.from_ascending(cases) for word, cases in columns.items()}
        self._by_fold: dict[str, dict[str, None]] = {}
        self._folds: dict[tuple[str, int], list[str]] = {}  # by first letter and length
        self._by_sound: dict[str, dict[str, str]] = {}  # code: word: fold
        self._by_key: dict[int, tuple[str, ...]] = {}  # by the hash of what its romanisations share
        self._text = ""  # all words in one string, built at the next use
        self._sorted = sorted(self.cases)
        for word in self.cases:
            self._learn(word)

    def add(self, word: str, slot: int) -> None:
        """Add a case of a word."""
        known = self.cases.get(word)
        if known is None:
            known = self.cases[word] = CaseSet()
            self._learn(word)
            insort(self._sorted, word)
            self._text = ""
        known.add(slot)

    def remove(self, word: str, slot: int) -> None:
        """Remove a case of a word."""
        self.cases[word].discard(slot)
        if not self.cases[word]:
            self._forget(word)

    def _learn(self, word: str) -> None:
        fold = fold_spelling(word)
        if fold not in self._by_fold:
            self._by_fold[fold] = {}
            self._folds.setdefault((fold[0], len(fold)), []).append(fold)
        self._by_fold[fold][word] = None
        for code in sound_codes(word):
            self._by_sound.setdefault(code, {})[word] = fold
        for key in romanisation_keys(word):
            self._by_key[hash(key)] = (*self._by_key.get(hash(key), ()), word)

    def _forget(self, word: str) -> None:
        fold = fold_spelling(word)
        del self.cases[word], self._by_fold[fold][word]
        if not self._by_fold[fold]:
            del self._by_fold[fold]
            self._folds[fold[0], len(fold)].remove(fold)
        for code in sound_codes(word):
            del self._by_sound[code][word]
        for key in romanisation_keys(word):
            left = tuple(other for other in self._by_key[hash(key)] if other != word)
            if left:
                self._by_key[hash(key)] = left
            else:
                del self._by_key[hash(key)]
        del self._sorted[bisect_left(self._sorted, word)]
        self._text = ""

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately: of each word its spelling, sounds and cases."""
        return len(self.cases) * WORD_BYTES + sum(cases.weight for cases in self.cases.values())

    def similar_words(self, asked: str, *, has_few_vowels: bool = False) -> Alike:
        """Return the words that are similar to one word of a query, the best 80.

        has_few_vowels  the word is a reading of a script that does not write them
        """
        others, same_sound, spelled = self._nearby_words(asked)
        likenesses = likeness_of_words(asked, others, same_sound, has_few_vowels=has_few_vowels)
        alike = {
            word: (min(likeness, MAX_LIKENESS), "spelling" if word in spelled else "sound")
            for word, likeness in likenesses.items()
        }
        for word in self._other_romanisations(asked):
            if alike.get(word, NOT_ALIKE)[0] < ROMANISED:
                alike[word] = (ROMANISED, "spelling")
        if len(asked) >= MIN_INNER_LETTERS:
            for word in self._words_containing(asked):
                alike[word] = max(alike.get(word, NOT_ALIKE), (0.6 + 0.2 * len(asked) / len(word), "name"))
        if len(asked) > 1:
            at = bisect_left(self._sorted, asked)
            while at < len(self._sorted) and self._sorted[at].startswith(asked):
                alike[self._sorted[at]] = (0.8 + 0.15 * len(asked) / len(self._sorted[at]), "name")
                at += 1
        if asked in self.cases:
            alike[asked] = SAME_WORD
        if len(alike) > MAX_ALIKE:
            return dict(heapq.nlargest(MAX_ALIKE, alike.items(), key=lambda item: item[1][0]))
        return alike

    def _nearby_words(self, asked: str) -> tuple[dict[str, str], set[str], set[str]]:
        """Return the words that may be similar with their folds, those with a sound code in common, and those alike.

        Particles are no sound of another word. Other spellings have the same first sound: errors in front are a matter
        of sound.
        """
        others: dict[str, str] = {}
        for code in sound_codes(asked):
            others.update(self._by_sound.get(code, {}))
        for particle in PARTICLES & others.keys():
            del others[particle]
        same_sound, spelled = set(others), set[str]()
        if len(asked) >= MIN_SPELLED_LETTERS and not asked.isdigit():
            fold = fold_spelling(asked)
            spread = 1 if len(fold) < 6 else 2
            for length in range(len(fold) - spread, len(fold) + spread + 1):
                near = self._folds.get((fold[0], length))
                if near:
                    close = process.extract(
                        fold, near, scorer=OSA.normalized_similarity, score_cutoff=MIN_SPELLING_LIKENESS, limit=None
                    )
                    for other, _, _ in close:
                        for word in self._by_fold[other]:
                            others[word] = other
                            spelled.add(word)
        return others, same_sound, spelled

    def _other_romanisations(self, asked: str) -> Iterator[str]:
        """Yield the words that a language writes for the same name."""
        for key in romanisation_keys(asked):
            yield from self._by_key.get(hash(key), ())
        yield from filter(self.cases.__contains__, spelling_variants(asked))

    def _words_containing(self, asked: str) -> Iterator[str]:
        """Yield the words that contain the given letters as a substring."""
        if not self._text:
            self._text = "\n" + "\n".join(self._sorted) + "\n"
        at = self._text.find(asked)
        while at >= 0:
            stop = self._text.index("\n", at)
            yield self._text[self._text.rindex("\n", 0, at) + 1 : stop]
            at = self._text.find(asked, stop)


def merge_alike(several: Iterable[Alike]) -> Alike:
    """Return the words that are similar to one of several readings of a word, each with its greatest likeness."""
    listed = list(several)
    if len(listed) == 1:
        return listed[0]
    merged: Alike = {}
    for alike in listed:
        for word, scored in alike.items():
            if scored[0] > merged.get(word, NOT_ALIKE)[0]:
                merged[word] = scored
    return merged
