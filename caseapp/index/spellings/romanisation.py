"""Romanisations of one name: Schewtschenko and Szewczenko share a key; Ixchel and Ishchel are variants of one another.

The rules are data with their sources: `romanisations.tsv` for keys, `variants.tsv` for languages with few rules. The
language of a word is not known: it has a key in each, and variants in each.
"""

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

MIN_LETTERS: Final = 4  # of a word with keys: shorter ones are alike by chance
MAX_TWICE: Final = 12  # variants of which a second sound is written otherwise, in each language
_TWICE = re.compile(r"(.)\1+")
# Two or three syllables of a Chinese or Korean given name, as one word.
_SYLLABLES: Final = {
    "chinese": re.compile(r"(?:(?:zh|ch|sh|hs|t[sz]|ss?z?|[bpmfdtnlgkhjqxrzcyw])?[aeiou]{1,3}(?:ng|n|h|r)?){2,3}"),
    "korean": re.compile(
        r"(?:(?:kk|kh|tt|pp|ch|jj|sh|sz|[kgtdpbjcsrlmnhyw])?[yjw]?[aeiou]{1,2}y?(?:ng|[nmlkgptb])?){2,3}"
    ),
}


class _Rules(NamedTuple):
    """The rules of a language. Sounds are in upper case while a word is written anew, so that no rule reads them."""

    beginnings: dict[str, str]
    first_letters: tuple[str, ...]  # of the beginnings, the longest first
    endings: dict[str, str]
    last_letters: tuple[str, ...]
    longer: dict[str, list[tuple[int, str, str]]]  # by the first two letters of a spelling: rank, spelling, sound
    letters: dict[int, str]

    def rewrite(self, word: str, pairs: Set[str]) -> str:
        """Return the sounds of a word with these pairs of letters."""
        if word.startswith(self.first_letters):
            spelling = next(each for each in self.first_letters if word.startswith(each))
            word = self.beginnings[spelling] + word[len(spelling) :]
        if word.endswith(self.last_letters):
            spelling = next(each for each in self.last_letters if word.endswith(each))
            word = word[: -len(spelling)] + self.endings[spelling]
        known = pairs & self.longer.keys()
        if known:
            for _, spelling, sound in sorted([rule for pair in known for rule in self.longer[pair]]):
                word = word.replace(spelling, sound)
        return _TWICE.sub(r"\1", word.translate(self.letters))


def romanisation_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a word in lower-case Latin letters, one for each language that may write it so."""
    if len(word) < MIN_LETTERS:
        return ()
    pairs = set(map("".join, pairwise(word)))
    return tuple(
        language + rules.rewrite(word, pairs)
        for language, rules in _rules_by_language().items()
        if language not in _SYLLABLES or _SYLLABLES[language].fullmatch(word)
    )


def spelling_variants(word: str) -> tuple[str, ...]:
    """Return other spellings of a word in the languages of `variants.tsv`: one or two sounds written otherwise."""
    if len(word) < MIN_LETTERS:
        return ()
    variants: dict[str, None] = {}
    for rules in _variant_rules().values():
        once = list(_write_otherwise(word, rules))
        variants |= dict.fromkeys(once)
        for other in once[:MAX_TWICE]:
            variants |= dict.fromkeys(_write_otherwise(other, rules))
    variants.pop(word, None)
    return tuple(variants)


def _write_otherwise(word: str, rules: Sequence[Sequence[str]]) -> Iterator[str]:
    for spellings in rules:
        written = next((spelling for spelling in spellings if spelling in word), None)  # the first is the longest
        if written:
            for other in spellings:
                if other != written:
                    yield word.replace(written, other)


@cache
def _variant_rules() -> dict[str, list[list[str]]]:
    rules: dict[str, list[list[str]]] = {}
    for language, spellings in _read_lines("variants.tsv"):
        rules.setdefault(language, []).append(sorted(spellings.split(), key=len, reverse=True))
    return rules


def _read_lines(name: str) -> list[list[str]]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@cache
def _rules_by_language() -> dict[str, _Rules]:
    sounds: dict[str, dict[str, str]] = {}
    for language, sound, spellings in _read_lines("romanisations.tsv"):
        listed = sounds.setdefault(language, {})
        listed |= dict.fromkeys(spellings.split(), "" if sound == "*" else sound.upper())
    return {language: _order_rules(listed) for language, listed in sounds.items()}


def _order_rules(sounds: dict[str, str]) -> _Rules:
    longest_first = dict(sorted(sounds.items(), key=lambda rule: -len(rule[0])))
    beginnings = {spelling[1:]: sound for spelling, sound in longest_first.items() if spelling[0] == "^"}
    endings = {spelling[:-1]: sound for spelling, sound in longest_first.items() if spelling[-1] == "$"}
    longer: dict[str, list[tuple[int, str, str]]] = {}
    for rank, (spelling, sound) in enumerate(longest_first.items()):
        if spelling.isalpha() and len(spelling) > 1:
            longer.setdefault(spelling[:2], []).append((rank, spelling, sound))
    letters = str.maketrans({spelling: sound for spelling, sound in sounds.items() if len(spelling) == 1})
    return _Rules(beginnings, tuple(beginnings), endings, tuple(endings), longer, letters)
