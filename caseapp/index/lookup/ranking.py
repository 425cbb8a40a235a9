"""The score of a name as the answer to a search: the words in common, weighed by how rare they are, in any order."""

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Final, NamedTuple

from caseapp.index import text_keys

MIN_SHARE: Final = 0.6  # of the weight of a query that a case must have
SURE: Final = 0.85  # likeness of a word from which it counts as the asked one
LIGHT: Final = 0.1  # weight of initials and particles
WHOLE_NAME: Final = 0.3  # of the score, for how much of the name was asked for
OTHER_ORDER: Final = 0.94  # of the score of a name whose words were asked for in another order
INITIAL: Final = 0.6
NOT_ALIKE: Final = (0.0, "")
PARTICLES: Final = frozenset(
    ("al", "el", "ul", "de", "del", "da", "das", "do", "dos", "di", "du", "la", "las", "los", "le", "y", "e")
) | {"bin", "ben", "ibn", "bint", "abu", "van", "von", "der", "den"}


@dataclass(frozen=True)
class AskedWord:
    """A word of a query: the words of the group that are similar, and its weight, more for a rarer word."""

    text: str
    alike: dict[str, tuple[float, str]]
    weight: float

    @classmethod
    def weigh(
        cls, text: str, alike: dict[str, tuple[float, str]], cases: Mapping[str, Sized], total: int
    ) -> "AskedWord":
        """Return a word with its weight in a group of `total` cases."""
        if len(text) == 1 or text in PARTICLES:
            return cls(text, alike, LIGHT)
        count = sum(len(cases[word]) for word, (score, _) in alike.items() if score >= SURE)
        return cls(text, alike, math.log((total + 2) / (min(count, total) + 1)) + LIGHT)

    def best_first(self) -> list[tuple[str, tuple[float, str]]]:
        """Return the similar words, the most similar first."""
        return sorted(self.alike.items(), key=lambda item: -item[1][0])


class _Pair(NamedTuple):
    """A word asked for and a word of the name, by their positions, with what the pair adds to the score."""

    gain: float
    asked: int
    named: int
    scored: tuple[float, str]


def score_name(asked: Sequence[AskedWord], name: str) -> tuple[float, str]:
    """Return the score of a normalised name, and the reason of its least similar word; 0 where too little is alike.

    Each word counts once. Words that were not asked for and another order lower the score a little.
    """
    named = text_keys.split_words(name)
    pairs = _best_pairs(asked, named)
    share = sum(pair.gain for pair in pairs) / sum(word.weight for word in asked)
    if not pairs or share < MIN_SHARE:
        return NOT_ALIKE
    letters = len(name.replace(" ", "").replace("-", ""))
    whole = min(1.0, sum(len(named[pair.named]) for pair in pairs) / letters)
    positions = [pair.named for pair in sorted(pairs, key=lambda pair: pair.asked)]
    order = 1.0 if positions == sorted(positions) else OTHER_ORDER
    return share * (1 - WHOLE_NAME + WHOLE_NAME * whole) * order, min(pair.scored for pair in pairs)[1]


def _best_pairs(asked: Sequence[AskedWord], named: Sequence[str]) -> list[_Pair]:
    """Return the pairs of similar words, the best first, each word in one pair."""
    pairs = []
    for at, word in enumerate(asked):
        for position, known in enumerate(named):
            scored = word.alike.get(known)
            if scored is None and known[0] == word.text[0] and 1 in (len(known), len(word.text)):
                scored = (INITIAL, "name")
            if scored is not None:
                pairs.append(_Pair(word.weight * scored[0], at, position, scored))
    if len(pairs) < 2:
        return pairs
    pairs.sort(reverse=True)
    best: list[_Pair] = []
    for pair in pairs:
        if all(pair.asked != other.asked and pair.named != other.named for other in best):
            best.append(pair)
    return best
