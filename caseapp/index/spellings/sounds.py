"""Sounds of the words of names: short codes that spellings of one sound share, and the likeness of two words.

A code has one sign for each consonant (P: b f p v; T: d t; S: c j s z and what they make with h; K: c g k q; M, N, L,
R), and A for a vowel in front. Letters that languages read in different ways (ch, g, h, j, w, x) give more codes.
"""

import re
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from rapidfuzz.distance import OSA

MAX_CODES: Final = 8  # of one word
MIN_LIKENESS: Final = 0.6  # of two words that are alike
SAME_SPELLING: Final = 0.9  # likeness above which vowels are not looked at
SAME_SOUND: Final = 0.42  # what a code in common adds
# The readings of letters, the likeliest first. Longer ones go before their beginnings.
_LETTERS: Final = (
    ("schtsch shtsh shch szcz stsj chtch", "S"),
    ("tsch dsch tch tsh dzh dsh tsj sch", "S"),
    ("tj dz dj", "S T"),
    ("sh sz sj zj zh rz ts tz cz zz ss", "S"),
    ("hs", "S AS KS"),
    ("ch", "S K"),
    ("kh gh", "K -"),
    ("ph", "P"),
    ("th dh", "T"),
    ("ck kk qu", "K"),
    ("ng", "N NK"),
    ("c", "K S"),
    ("g", "K S"),
    ("k q", "K"),
    ("s z", "S"),
    ("j", "- S"),
    ("x", "S KS"),
    ("h", "- K"),
    ("w", "- P"),
    ("b f p v", "P"),
    ("d t", "T"),
    ("l", "L"),
    ("m", "M"),
    ("n", "N"),
    ("r", "R"),
)
_READINGS: Final = {letters: tuple(read.split()) for group, read in _LETTERS for letters in group.split()}
_PARTS = re.compile("|".join(sorted(_READINGS, key=len, reverse=True)) + "|[aeiouy]+")
_HARD_G = re.compile("(?<!n)g(?![eiyh])")
# Spellings of one sound, for the likeness of two words that may sound alike.
_SPELLINGS: Final = tuple(
    (spelling, sound)
    for sound, spellings in (
        ("sh", "schtsch shch szcz"),
        ("ch", "tsch tch"),
        ("sh", "sch sz hs sj"),
        ("ch", "cz tj"),
        ("j", "zh zj"),
        ("c", "ts tz"),
        ("f", "ph"),
        ("h", "kh"),
        ("g", "gh"),
        ("t", "th"),
        ("d", "dh"),
        ("k", "ck q"),
        ("ks", "x"),
        ("v", "w"),
        ("s", "z"),
        ("i", "j y ee"),
        ("u", "oo ou"),
        ("a", "e"),
        ("u", "o"),
    )
    for spelling in spellings.split()
)
_TWICE = re.compile(r"(.)\1+")
_NO_VOWELS: Final = str.maketrans("", "", "aeiou")
_NO_WEAK: Final = str.maketrans("", "", "aeiouyhw")


def sound_codes(word: str) -> tuple[str, ...]:
    """Return the codes of a word in lower-case Latin letters, at most 8; () for one without letters."""
    marks = _PARTS.findall(_HARD_G.sub("k", word))
    if not marks or len(word) < 2:
        return ()
    read = [_READINGS.get(mark, ("-",)) for mark in marks]  # vowels have no sign, except in front
    codes: dict[str, None] = {}
    for choice in islice(product(*read), 64):
        code = "".join(choice).replace("-", "")
        if choice[0] == "-":
            code = "A" + code
        codes[_TWICE.sub(r"\1", code)] = None
        if len(codes) == MAX_CODES:
            break
    return tuple(codes)


def fold_spelling(word: str) -> str:
    """Return a word with one spelling for each sound, and three vowels."""
    for spelling, sound in _SPELLINGS:
        if spelling in word:
            word = word.replace(spelling, sound)
    return _TWICE.sub(r"\1", word)


@dataclass(frozen=True)
class SoundedWord:
    """A word with its one spelling for each sound. Nothing here is kept: names leave memory with their index."""

    word: str
    fold: str

    @classmethod
    def sound(cls, word: str) -> "SoundedWord":
        """Return a word with its fold."""
        return cls(word, fold_spelling(word))

    def spelling_likeness(self, other: str, fold: str) -> float:
        """Return the likeness to another word as written, or with one spelling for each sound (`fold`); 0 to 1."""
        close = OSA.normalized_similarity(self.word, other)
        return max(close, 0.97 * OSA.normalized_similarity(self.fold, fold))

    def sound_likeness(self, other: str, fold: str) -> float:
        """Return the likeness to another word that has a sound code in common, 0 to 1."""
        close = self.spelling_likeness(other, fold)
        if close < SAME_SPELLING and (_is_vowelless(self.word) or _is_vowelless(other)):
            close = max(close, 0.9 * OSA.normalized_similarity(_bare(self.fold), _bare(fold)))
        return SAME_SOUND + (1 - SAME_SOUND) * close


def _is_vowelless(word: str) -> bool:
    """Return True for a word of a script that writes few vowels."""
    return 4 * (len(word) - len(word.translate(_NO_VOWELS))) <= len(word)


def _bare(fold: str) -> str:
    return fold.translate(_NO_WEAK) or fold
