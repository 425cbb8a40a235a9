"""Likeness of two names, in any script, order and spelling."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from caseapp.index import text_keys

MAX_WORDS: Final = 8  # words of a name that are compared
MAX_NAMES: Final = 8  # names of one person that are compared
MIN_SPELLING: Final = 0.74  # one error in four letters, two in eight
MIN_SOUND: Final = 0.4
MIN_WHOLE: Final = 0.8  # of the consonants of two whole names, when their words are divided in other places
CLOSE_WORDS: Final = 0.85  # mean of the words' likeness above which two names are close

# Weight of a name as evidence, 0 to 1; 0.5 and more are a reason to ask without any other fact.
SAME: Final = 0.60
REORDERED: Final = 0.58
OTHER_SCRIPT: Final = 0.56
SOUNDS: Final = 0.54
SPELLING: Final = 0.52
PART: Final = 0.50
DISTANT: Final = 0.42
SOME: Final = 0.30
ONE_WORD: Final = 0.20
SINGLE: Final = 0.40
_PARTICLES: Final = frozenset(
    ("al", "el", "ul", "de", "del", "da", "das", "do", "dos", "di", "du", "la", "las", "los", "le", "y", "e")
) | {"bin", "ben", "ibn", "bint", "binti", "bt", "van", "von", "der", "den"}
_ARTICLE_AFTER_ABD = re.compile(r"\babd[aeou]{1,2}l(?= )")  # Abdul Rahman, Abdel Rahman
_VOWELLESS: Final = ("ARABIC", "HEBREW", "SYRIAC")
# Letters that Persian, Dari, Pashto and Urdu read otherwise than Arabic, and letters that only they have.
_PERSIAN_ONLY = re.compile("[\u06cc\u06a9\u06af\u0686\u067e\u0698\u06d0\u0679\u0688\u0691\u06ba\u06c1\u06d2]")
_PERSIAN_SOUNDS = str.maketrans("\u0636\u0630\u0638\u062b\u0635\u0648", "\u0632\u0632\u0632\u0633\u0633v")
_ARTICLE = re.compile("(?<![^\\s-])\u0627\u0644(?=\\w{3})")


class NameLikeness(NamedTuple):
    """The likeness of two names: weight as evidence, code of the reason, and the two names as written."""

    weight: float
    code: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class PreparedName:
    """A name with its words in the form that is compared: without particles, or with each joined to the next word."""

    written: str
    joins_particles: bool = False

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the words; particles alone are a name, too."""
        every = self.every_word
        if self.joins_particles:
            return tuple(_join_particles(every))
        return tuple(word for word in every if word not in _PARTICLES) or every

    @cached_property
    def every_word(self) -> tuple[str, ...]:
        """Return all words, particles included."""
        normal = text_keys.normalise_name(_ARTICLE.sub("", _read_persian(self.written))).replace("-", " ")
        return tuple(_ARTICLE_AFTER_ABD.sub("abd", normal).split()[:MAX_WORDS])

    @cached_property
    def joined(self) -> str:
        """Return all words as one."""
        return "".join(self.words)

    @cached_property
    def script(self) -> str:
        """Return the script of the first letter, as Unicode names it: LATIN, CYRILLIC, ARABIC."""
        first = next((sign for sign in self.written if sign.isalpha()), "")
        return unicodedata.name(first, "").split(" ")[0] if first else ""

    @cached_property
    def is_vowelless(self) -> bool:
        """Return True for a script that writes few vowels."""
        return self.script in _VOWELLESS


def prepare_names(names: Sequence[str]) -> tuple[PreparedName, ...]:
    """Return the names that are compared, without those that have no letter of any script."""
    prepared = [PreparedName(name[: text_keys.MAX_QUERY_LENGTH]) for name in names[:MAX_NAMES]]
    joined = [PreparedName(name.written, True) for name in prepared if not _PARTICLES.isdisjoint(name.every_word)]
    return tuple(name for name in (*prepared, *joined) if name.words)


def _join_particles(words: Sequence[str]) -> list[str]:
    joined: list[str] = []
    run = ""
    for word in words:
        run += word
        if word not in _PARTICLES:
            joined.append(run)
            run = ""
    return [*joined, run] if run else joined


def compare_names(mine: Sequence[PreparedName], theirs: Sequence[PreparedName]) -> NameLikeness | None:
    """Return the best likeness of any of my names with any of theirs; None where no word is alike."""
    pairs = (_compare_pair(first, second) for first in mine for second in theirs)
    return max((pair for pair in pairs if pair.weight), key=_rank, default=None)


def _rank(likeness: NameLikeness) -> tuple[float, str, str, str]:
    low, high = sorted((likeness.mine, likeness.theirs))
    return likeness.weight, likeness.code, low, high


def _compare_pair(first: PreparedName, second: PreparedName) -> NameLikeness:
    weight, code = _whole_likeness(first, second) or _likeness_by_words(first, second)
    return NameLikeness(weight, code, first.written, second.written)


def _whole_likeness(first: PreparedName, second: PreparedName) -> tuple[float, str] | None:
    """Return the likeness of names with the same words, also where they are divided or ordered otherwise."""
    has_one_word = min(len(first.words), len(second.words)) == 1
    if first.joined == second.joined:
        if first.script != second.script:
            return (SINGLE if has_one_word else OTHER_SCRIPT), "name_in_other_script"
        return (SINGLE if has_one_word else SAME), "same_name"
    if sorted(first.words) == sorted(second.words):
        code = "reordered_name" if first.script == second.script else "name_in_other_script"
        return (REORDERED if first.script == second.script else OTHER_SCRIPT), code
    return None


def _likeness_by_words(first: PreparedName, second: PreparedName) -> tuple[float, str]:
    scores = _match_words(first, second)
    fewer, more = sorted((len(first.words), len(second.words)))
    mean = sum(scores) / len(scores) if scores else 0.0
    if len(scores) == more and more > 1:
        return _complete_likeness(first, second, mean)
    if _sounds_alike_as_whole(first, second):
        return _complete_likeness(first, second, CLOSE_WORDS)
    if len(scores) == fewer and fewer > 1:
        return (PART if mean >= CLOSE_WORDS else DISTANT), "part_of_name"
    if len(scores) > 1:
        return SOME * mean, "some_names_alike"
    if scores:
        return ONE_WORD * mean, "some_names_alike"
    return 0.0, ""


def _complete_likeness(first: PreparedName, second: PreparedName, mean: float) -> tuple[float, str]:
    """Return the likeness of names of which each word has a counterpart."""
    is_close = mean >= CLOSE_WORDS
    if first.script != second.script:
        return (OTHER_SCRIPT if is_close else SPELLING), "name_in_other_script"
    if not is_close:
        return DISTANT, "name_spelled_alike"
    same_sound = _sound_keys(first.joined) & _sound_keys(second.joined) or _sounds_of(first) == _sounds_of(second)
    return (SOUNDS, "name_sounds_alike") if same_sound else (SPELLING, "name_spelled_alike")


def _sounds_of(name: PreparedName) -> list[str]:
    """Return the sounds of the words, in an order that is the same for every order of the words."""
    return sorted(min(_sound_keys(word), default="") for word in name.words)


def _sounds_alike_as_whole(first: PreparedName, second: PreparedName) -> bool:
    """Return True where the consonants are the same but the words are divided in other places."""
    if len(first.words) == len(second.words):
        return False
    return any(
        min(len(a), len(b)) > 3 and OSA.normalized_similarity(a, b) >= MIN_WHOLE and a[0] == b[0]
        for a in _sound_keys(first.joined)
        for b in _sound_keys(second.joined)
    )


def _match_words(first: PreparedName, second: PreparedName) -> list[float]:
    """Return the likeness of each pair of words in the best pairing; equal words are paired first."""
    left, right = sorted(first.words), sorted(second.words)
    equal = []
    for word in tuple(left):
        if word in right:
            left.remove(word)
            right.remove(word)
            equal.append(1.0)
    differ = first.script != second.script
    vowelless = differ and (first.is_vowelless or second.is_vowelless)
    table = [[_word_likeness(a, b, differ=differ, vowelless=vowelless) for b in right] for a in left]
    return equal + _best_pairing(table, 0, frozenset())


def _best_pairing(table: list[list[float]], at: int, used: frozenset[int]) -> list[float]:
    """Return the scores of the pairing with the largest sum."""
    if at == len(table):
        return []
    best = _best_pairing(table, at + 1, used)
    for other, score in enumerate(table[at]):
        if score and other not in used:
            paired = [score, *_best_pairing(table, at + 1, used | {other})]
            if (sum(paired), sorted(paired)) > (sum(best), sorted(best)):
                best = paired
    return best


def _word_likeness(first: str, second: str, *, differ: bool, vowelless: bool) -> float:
    """Return 0 to 1; 0 where two words are not alike. `differ`: their scripts differ."""
    if 1 in (len(first), len(second)):
        return 0.6 if first[0] == second[0] and not vowelless else 0.0
    close = OSA.normalized_similarity(first, second)
    if vowelless or (close >= MIN_SOUND and min(len(first), len(second)) > 2):
        shortest = 1 if vowelless else 2
        if any(len(key) >= shortest for key in _sound_keys(first) & _sound_keys(second)):
            return 0.9 + 0.05 * close
    if min(len(first), len(second)) > 3 and close >= MIN_SPELLING:
        return close
    return 0.75 if differ and close >= 0.6 else 0.0


def _sound_keys(word: str) -> frozenset[str]:
    """Return the consonants of a word by sound; kh may be the sound of h, as in Cyrillic spellings."""
    keys = map(text_keys.consonant_skeleton, (word, word.replace("kh", "h")))
    return frozenset(key.replace("g", "k").replace("c", "k") for key in keys if key)


def _read_persian(text: str) -> str:
    """Return the text with letters that stand for other sounds in Persian and its neighbours."""
    return text.translate(_PERSIAN_SOUNDS) if _PERSIAN_ONLY.search(text) else text
