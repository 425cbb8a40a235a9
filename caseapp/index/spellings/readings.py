"""Readings of a name in its own script: signs are other sounds in other languages, or have several spellings."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import anyascii

MAX_READINGS: Final = 4
_CLOSED_UP = re.compile(
    "(?<![\u3400-\u9fff\uac00-\ud7af])[\u3400-\u9fff\uac00-\ud7af]{2,4}(?![\u3400-\u9fff\uac00-\ud7af])"
)
# Letters that Persian, Dari, Pashto and Urdu read otherwise than Arabic. A name may be of either language.
_PERSIAN: Final = str.maketrans("\u0636\u0630\u0638\u062b\u0648", "\u0632\u0632\u0632\u0633\u0648")
_ARABIC_ONLY = re.compile("[\u0636\u0630\u0638\u062b]")
_ARTICLE = re.compile("(?<![^\\s-])\u0627\u0644(?=\\w{3})")
_ABD = re.compile("(?<![^\\s])\u0639\u0628\u062f\\s*\u0627\u0644")  # Abd al-, written apart or as one
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0591-\u05c7\u0640]")  # vowel signs, and a lengthening stroke
# Vav is a vowel as often as a consonant, and w is both.
_HEBREW: Final = str.maketrans(
    {"\u05d5": "w", "\u05d7": "h", "\u05db": "k", "\u05da": "k", "\u05d0": "a", "\u05e2": ""}
)
_AYIN_IN_FRONT = re.compile("(?<![^\\s-])[\u0639\u05e2]")  # then its vowel is written in Latin letters
# Long vowels are written, and ayn and hamza are not heard in Latin spellings.
_ARABIC: Final = str.maketrans(
    {"\u0627": "a", "\u0622": "a", "\u0623": "a", "\u0625": "i", "\u0649": "a", "\u0629": "a", "\u0624": "w"}
    | dict.fromkeys("\u0639\u0621\u0626", "")
)
_HEBREW_LETTER = re.compile("[\u05d0-\u05ea]")
_ARABIC_LETTER = re.compile("[\u0621-\u06d3]")


def read_scripts(name: str) -> tuple[str, ...]:
    """Return the name and up to three more readings of it, still to be written in Latin letters."""
    if name.isascii() or sum(map(str.isalpha, _MARKS.sub("", name))) < 3:
        return (name,)
    readings = [name]
    if _HEBREW_LETTER.search(name):
        readings = [_AYIN_IN_FRONT.sub("a", _MARKS.sub("", name)).translate(_HEBREW)]
    elif _ARABIC_LETTER.search(name):
        whole = _MARKS.sub("", name)
        plain = _ARTICLE.sub("", _ABD.sub("\u0639\u0628\u062f ", whole))
        plain, whole = (_AYIN_IN_FRONT.sub("a", text) for text in (plain, whole))
        readings = [plain.translate(_ARABIC), whole.translate(_ARABIC)]
        if _ARABIC_ONLY.search(plain):
            readings.append(plain.translate(_PERSIAN).translate(_ARABIC))
    elif match := _CLOSED_UP.search(name):
        readings += _family_first(name, match)
    return tuple(dict.fromkeys(readings))[:MAX_READINGS]


def writes_few_vowels(name: str) -> bool:
    """Return True for a name in a script that leaves out most vowels: Arabic or Hebrew."""
    return bool(_ARABIC_LETTER.search(name) or _HEBREW_LETTER.search(name))


def _family_first(name: str, match: re.Match[str]) -> list[str]:
    """Return the readings of a Chinese or Korean name by how its family name is written in Latin letters."""
    signs = match[0]
    for length in (2, 1):
        written = _family_readings().get(signs[:length], ())
        if written and len(signs) > length:
            given = anyascii.anyascii(signs[length:])
            return [f"{name[: match.start()]}{each} {given}{name[match.end() :]}" for each in written]
    return []


@cache
def _family_readings() -> dict[str, tuple[str, ...]]:
    lines = Path(__file__).with_name("family_readings.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {signs: tuple(written.split()) for signs, written in rows}
