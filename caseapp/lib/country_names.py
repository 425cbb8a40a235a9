"""Countries by their names: the ISO 3166 code that a text means, and the name of a code in our languages.

`country_names.csv` has the names of Unicode CLDR, and other words that files of other programs have for a country or
its people. A text that may mean two countries means none.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from caseapp.lib.text.search_words import fold_text

NAMES = Path(__file__).with_name("country_names.csv")
LANGUAGES = ("en", "es", "fr")
_ARTICLES = frozenset(("the", "la", "el", "le", "les"))
_NOT_A_LETTER = re.compile(r"[^\w]+")


def find_country(text: str) -> str:
    """Return the two letters of the country that a text names in any of our languages; "" where it names none."""
    return _codes_by_word().get(_words_of(text), "")


def country_name(code: str, language: str) -> str:
    """Return the name of a country in a language of ours; an unknown code is returned unchanged."""
    row = _rows().get(code)
    return row[language if language in LANGUAGES else "en"] if row else code


def _words_of(text: str) -> str:
    words = _NOT_A_LETTER.sub(" ", fold_text(text)).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    with NAMES.open(encoding="utf-8", newline="") as rows:
        return {row["code"]: row for row in csv.DictReader(rows)}


@cache
def _codes_by_word() -> Mapping[str, str]:
    codes: dict[str, set[str]] = {}
    for code, row in _rows().items():
        for name in (code, *(row[language] for language in LANGUAGES), *row["others"].split("|")):
            codes.setdefault(_words_of(name), set()).add(code)
    codes.pop("", None)
    return {word: next(iter(meant)) for word, meant in codes.items() if len(meant) == 1}


def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of every country, by name in a language of ours, accents left aside."""
    pairs = ((code, country_name(code, language)) for code in _rows())
    return tuple(sorted(pairs, key=lambda pair: fold_text(pair[1])))
