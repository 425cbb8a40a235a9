"""Needles: the texts a scan searches for, and the variants of them that a system may store."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from anyascii import anyascii

MIN_PATTERN_LENGTH = 5  # bytes; a shorter text appears in random bytes too often to prove anything
PIECE_LENGTH = 24  # characters; a long text is searched for in pieces, because logs, pages and TOAST chunks cut it
MAX_PIECES = 40  # a very long needle is searched for in this many pieces, spread evenly
LABELLED_LINE = re.compile(r"([a-z][a-z0-9_.-]{0,39}): (.+)", re.DOTALL)
NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:[ '’.-]{1,2}[^\W\d_]+)*\.?")
NUMBER_TEXT = re.compile(r"[Aa+#]?[\d\s().-]{7,}")


class NeedleRefused(Exception):
    """A line of the needle file that cannot be searched for. Carries its line number, never its text."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A text to search for, and its label in reports (the text itself is not printed)."""

    label: str
    text: str


def read_needles(path: Path) -> list[Needle]:
    """Return the needles of a file: UTF-8, one a line, `#` comments, an optional label before `: `.

    A label has lower-case letters, digits, `_`, `.` and `-`. One that starts with `name` makes the needle a name, which
    is also searched for in its parts. Without a label, two to four capitalised words are taken for a name. Raises
    NeedleRefused for a line that is too short, or if there is none.
    """
    needles: list[Needle] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        labelled = LABELLED_LINE.fullmatch(line.strip())
        label, text = (labelled[1], labelled[2].strip()) if labelled else (f"line-{number}", line.strip())
        if len(text.encode()) < MIN_PATTERN_LENGTH:
            raise NeedleRefused(f"line {number}: a needle has at least {MIN_PATTERN_LENGTH} bytes")
        needles.append(Needle(f"{label}#{number}" if label in {n.label for n in needles} else label, text))
    if not needles:
        raise NeedleRefused("there is no needle in the file")
    return needles


def texts_of(needle: Needle) -> dict[str, str]:
    """Return the whole text and the parts that also reveal it (of a name, a number, a long text), by their names."""
    texts = {"whole": needle.text} if len(needle.text) <= 2 * PIECE_LENGTH else dict(_text_pieces(needle.text))
    if is_name(needle):
        texts |= _name_parts(needle.text)
    if NUMBER_TEXT.fullmatch(needle.text):
        texts |= _number_formats(re.sub(r"\D", "", needle.text))
    if re.fullmatch(r"[^@\s]+@[^@\s]+", needle.text):
        texts |= {"local part": needle.text.partition("@")[0]}
    return {key: text for key, text in texts.items() if key == "whole" or is_searchable(text)}


def is_name(needle: Needle) -> bool:
    """Return whether the needle is split into parts. A sentence is not: its words appear in harmless texts too."""
    if needle.label.startswith("name"):
        return True
    words = needle.text.split()
    return 2 <= len(words) <= 4 and all(NAME_WORD.fullmatch(word) and not word[0].islower() for word in words)


def is_searchable(text: str) -> bool:
    """Return whether a part is long enough: 5 characters, or 6 bytes of UTF-8 where letters have several bytes."""
    return len(text) >= 5 or len(text.encode()) >= 6


def variants_of(text: str) -> dict[str, str]:
    """Return the text in other cases, in both Unicode compositions and in ASCII, by variant."""
    ascii_text = anyascii(text)
    return {
        "typed": text,
        "nfc": unicodedata.normalize("NFC", text),
        "nfd": unicodedata.normalize("NFD", text),
        "upper": text.upper(),
        "lower": text.lower(),
        "casefold": text.casefold(),
        "nfd lower": unicodedata.normalize("NFD", text.lower()),
        "title": text.title(),
        "ascii": ascii_text,
        "ascii lower": ascii_text.lower(),
        "ascii upper": ascii_text.upper(),
    }


def _text_pieces(text: str) -> Iterator[tuple[str, str]]:
    starts = range(0, len(text) - PIECE_LENGTH + 1, PIECE_LENGTH)
    step = max(1, -(-len(starts) // MAX_PIECES))
    for number, start in enumerate(starts[::step], start=1):
        yield f"piece {number}", text[start : start + PIECE_LENGTH]


def _name_parts(name: str) -> dict[str, str]:
    words = [word for word in re.split(r"[\s'’._-]+", name) if word]
    texts = {f"part {number}": word for number, word in enumerate(words, start=1)}
    texts |= {f"joined by {mark}": mark.join(words) for mark in ("-", "_", ".")}
    texts["joined"] = "".join(words)
    texts["last name first"] = ", ".join([words[-1], " ".join(words[:-1])]) if len(words) > 1 else name
    return texts


def _number_formats(digits: str) -> dict[str, str]:
    texts = {"digits": digits}
    if len(digits) == 9:
        groups = [digits[:3], digits[3:6], digits[6:]]
        texts |= {"dashed": "-".join(groups), "spaced": " ".join(groups)}
    if len(digits) in {10, 11}:
        groups = [digits[-10:-7], digits[-7:-4], digits[-4:]]
        texts |= {"national digits": digits[-10:], "dashed": "-".join(groups), "spaced": " ".join(groups)}
    return texts
