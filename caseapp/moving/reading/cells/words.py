"""Words of files for codes of ours, by the tables in `words.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from caseapp.moving.reading.files.headings import fold_heading

TEXT_READ = 500  # characters
TABLES = Path(__file__).with_name("words.toml")


def find_code(table: str, text: str) -> str:
    """Return the code whose word the whole text is, else the one code whose words it contains; "" otherwise."""
    folded = fold_heading(text)
    if not folded:
        return ""
    exact = _codes_by_word()[table].get(folded)
    if exact:
        return exact
    codes = find_codes(table, text)
    return codes[0] if len(codes) == 1 else ""


def find_codes(table: str, text: str) -> tuple[str, ...]:
    """Return every code of which the text contains a word, in the order of the table. One letter counts alone only."""
    folded = fold_heading(text)
    if exact := _codes_by_word()[table].get(folded):
        return (exact,)
    if len(folded) > TEXT_READ:
        folded = folded[:TEXT_READ]
    return tuple(code for code, pattern in _patterns()[table].items() if pattern.search(folded))


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(TABLES.read_text(encoding="utf-8"))


@cache
def _codes_by_word() -> Mapping[str, Mapping[str, str]]:
    return {
        table: {word: code for code, words in codes.items() for word in words} for table, codes in _tables().items()
    }


@cache
def _patterns() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    return {
        table: {
            code: re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words if len(word) > 1) + r")\b")
            for code, words in codes.items()
        }
        for table, codes in _tables().items()
    }
