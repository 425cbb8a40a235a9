"""The score of a name as the answer to a search: the words in common, weighed by how rare they are, in any order."""

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final

from caseapp.index import text_keys
from caseapp.index.columns.case_sets import CaseSet

MIN_SHARE: Final = 0.5  # of the weight of a query that a case must have
SURE: Final = 0.85  # likeness of a word from which it counts as the asked one
LIGHT: Final = 0.1  # weight of initials and particles
UNLIKE: Final = 6.0  # nats for a spelling without likeness
UNASKED: Final = 0.22  # of the score, for each word of the name that was not asked for
OTHER_ORDER: Final = 0.06  # of the score, for another order of the words
LEAST: Final = 0.01  # score of a name that has enough
INITIAL: Final = 0.6
NOT_ALIKE: Final = (0.0, "")
SAME_NAME: Final = (0.0, "name")
PARTICLES: Final = frozenset(
    ("al", "el", "ul", "de", "del", "da", "das", "do", "dos", "di", "du", "la", "las", "los", "le", "y", "e")
) | {"bin", "ben", "ibn", "bint", "abu", "van", "von", "der", "den"}


class AskedWord:
    """A word of a query, with its weight (more for a rarer word) and what each similar word of the group is worth.

    Weights and costs are in nats: the weight is about how much rarer the word is than chance, and the cost of another
    spelling grows as that spelling gets less likely.
    """

    __slots__ = ("best_first", "gains", "is_initial", "text", "weight", "whys")

    def __init__(
        self, text: str, alike: Mapping[str, tuple[float, str]], cases: Mapping[str, CaseSet], total: int
    ) -> None:
        """Weigh a word in a group of `total` cases."""
        self.text = text
        self.is_initial = len(text) == 1
        self.whys = alike
        counts = {word: len(cases[word]) for word in alike}
        if self.is_initial or text in PARTICLES:
            self.weight = LIGHT
            self.gains = {word: LIGHT * likeness for word, (likeness, _) in alike.items()}
        else:
            count = sum(counts[word] for word, (likeness, _) in alike.items() if likeness >= SURE)
            self.weight = weight = math.log((total + 2) / (min(count, total) + 1)) + LIGHT
            unlike = min(weight, UNLIKE)
            self.gains = {word: weight - unlike * (1.0 - likeness) for word, (likeness, _) in alike.items()}
            if text[0] in cases and text[0] not in alike:  # a name may have this word as an initial
                self.gains[text[0]] = INITIAL * weight
                counts[text[0]] = len(cases[text[0]])
        # What each similar word is worth, with its cases and their number.
        self.best_first = [
            (gain, cases[word], counts[word])
            for word, gain in sorted(self.gains.items(), key=itemgetter(1), reverse=True)
        ]


def score_name(asked: Sequence[AskedWord], total: float, name: str) -> tuple[float, str]:
    """Return the score of a normalised name, and the reason of its least similar word; 0 where too little is alike.

    Each word counts once. Words that were not asked for and another order lower the score a little. `total` is the
    weight of all asked words.
    """
    named = text_keys.split_words(name)
    pairs = _best_pairs(asked, named)
    gain = sum(pair[0] for pair in pairs)
    if not pairs or gain < MIN_SHARE * total:
        return NOT_ALIKE
    read = sum(len(named[position]) for _, _, position in pairs)
    spaces = name.count(" ")
    unasked = 1.0 - read / (len(name) - spaces - name.count("-"))
    score = gain / total - UNASKED * max(unasked, 0.0) * (1 + spaces)
    if len(pairs) > 1:
        positions = [position for _, position in sorted((at, position) for _, at, position in pairs)]
        if positions != sorted(positions):
            score -= OTHER_ORDER
    _, at, position = min(pairs)
    return max(score, LEAST), asked[at].whys.get(named[position], SAME_NAME)[1]


def _best_pairs(asked: Sequence[AskedWord], named: Sequence[str]) -> list[tuple[float, int, int]]:
    """Return the pairs of similar words, the best first, each word in one pair: gain, position asked for, position."""
    pairs = []
    for at, word in enumerate(asked):
        gains = word.gains
        for position, known in enumerate(named):
            gain = gains.get(known)
            if gain is None and (len(known) == 1 or word.is_initial) and known[0] == word.text[0]:
                gain = INITIAL * word.weight
            if gain is not None:
                pairs.append((gain, at, position))
    if len(pairs) < 2:
        return pairs
    pairs.sort(reverse=True)
    best: list[tuple[float, int, int]] = []
    for pair in pairs:
        for other in best:
            if pair[1] == other[1] or pair[2] == other[2]:
                break
        else:
            best.append(pair)
    return best
