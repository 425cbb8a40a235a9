"""Sounds of the words of names: short codes that spellings of one sound share, and the likeness of two words.

A code has one sign for each consonant (P: b f p v; T: d t; S: c j s z and what they make with h; K: c g k q; M, N, L,
R), and A for a vowel in front. Letters that languages read in different ways (ch, g, h, j, w, x) give more codes.
"""

import re
from collections.abc import Mapping, Set
from itertools import islice, product
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

MAX_CODES: Final = 8  # of one word
MIN_LIKENESS: Final = 0.5  # of two words that are alike
MIN_FOLD: Final = 0.5  # of two words with one spelling for each sound
# Shares of the likeness of two words, fitted to pairs of spellings and of other names: a code in common, the letters as
# written, and the letters with one spelling for each sound.
SAME_SOUND: Final = 0.12
SPELLING_SHARE: Final = 0.54
FOLD_SHARE: Final = 0.34
SAME_CONSONANTS: Final = 0.6  # least likeness of a word of a script with few vowels to one with a code in common
VOWELLESS: Final = 0.7  # share of the consonants in the likeness, where a word is of a script with few vowels
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


def likeness_of_words(
    asked: str, others: Mapping[str, str], same_sound: Set[str], *, has_few_vowels: bool = False
) -> dict[str, float]:
    """Return the likeness of a word to others that may be alike, 0 to 1; without those that are too little alike.

    others          each word with its fold
    same_sound      those of them that have a sound code in common with the asked word
    has_few_vowels  the asked word is of a script that writes few vowels
    """
    fold = fold_spelling(asked)
    if has_few_vowels:
        return _likeness_of_consonants(asked, fold, others, same_sound)
    near = process.extract(fold, others, scorer=OSA.normalized_similarity, score_cutoff=MIN_FOLD, limit=None)
    alike = {}
    for _, closeness, word in near:
        alike[word] = FOLD_SHARE * closeness + (SAME_SOUND if word in same_sound else 0.0)
    for word, closeness, _ in process.extract(asked, list(alike), scorer=OSA.normalized_similarity, limit=None):
        alike[word] += SPELLING_SHARE * closeness
    return {word: likeness for word, likeness in alike.items() if likeness >= MIN_LIKENESS}


def _likeness_of_consonants(asked: str, fold: str, others: Mapping[str, str], same_sound: Set[str]) -> dict[str, float]:
    """Return the likeness of a word of a script that writes few vowels: mostly that of its consonants."""
    words, folds = list(others), list(others.values())
    spelled = process.extract(asked, words, scorer=OSA.normalized_similarity, limit=None)
    alike = dict.fromkeys(same_sound, SAME_SOUND)
    for word, closeness, _ in spelled:
        alike[word] = alike.get(word, 0.0) + SPELLING_SHARE * closeness
    for _, closeness, at in process.extract(fold, folds, scorer=OSA.normalized_similarity, limit=None):
        alike[words[at]] += FOLD_SHARE * closeness
    bare = [_bare(other) for other in folds]
    for _, closeness, at in process.extract(_bare(fold), bare, scorer=OSA.normalized_similarity, limit=None):
        least = SAME_CONSONANTS if words[at] in same_sound else 0.0
        by_consonants = VOWELLESS * closeness + (1 - VOWELLESS) * alike[words[at]]
        alike[words[at]] = max(alike[words[at]], by_consonants, least)
    return {word: likeness for word, likeness in alike.items() if likeness >= MIN_LIKENESS}


def _bare(fold: str) -> str:
    return fold.translate(_NO_WEAK).replace("c", "k") or fold
