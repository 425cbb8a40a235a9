"""Numbers and words in cells: A-Numbers, receipts, yes and no, countries, languages, notes in HTML."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

from caseapp.lib.country_names import find_country
from caseapp.lib.errors import Refused
from caseapp.moving.reading.cells.problems import CellProblem
from caseapp.records.names import parse_a_number

YES = frozenset(("yes", "y", "true", "t", "1", "x", "✓", "si", "sí", "oui", "o", "on", "checked"))
NO = frozenset(("no", "n", "false", "f", "0", "non", "off", "unchecked"))
_RECEIPT = re.compile(r"[A-Z]{3}[0-9]{10}")
_RECEIPT_SPLIT = re.compile(r"[,;\n]")
_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?|!--.*?--)>", re.DOTALL)
_BLOCKS = frozenset(("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote"))
_HIDDEN = frozenset(("script", "style", "head", "title"))


class ReadNumber(NamedTuple):
    """A number, and whether it has the form that it should have."""

    text: str
    is_well_formed: bool


def read_yes_no(text: str) -> bool | None:
    """Return yes or no; None where the cell is blank: not asked. Raises CellProblem("yes_no")."""
    word = text.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    if not word:
        return None
    raise CellProblem("yes_no")


def read_a_number(text: str) -> ReadNumber:
    """Return the nine digits of an A-Number, or the text as typed where it is none."""
    try:
        return ReadNumber(parse_a_number(text), is_well_formed=True)
    except Refused:
        return ReadNumber(text, is_well_formed=False)


def read_receipts(text: str) -> tuple[ReadNumber, ...]:
    """Return the receipt numbers of a cell: three letters and ten digits each, else as typed."""
    return tuple(_read_receipt(part) for piece in _RECEIPT_SPLIT.split(text) if (part := piece.strip()))


def _read_receipt(text: str) -> ReadNumber:
    number = re.sub(r"[\s*-]", "", text).upper()
    if _RECEIPT.fullmatch(number):
        return ReadNumber(number, is_well_formed=True)
    return ReadNumber(text, is_well_formed=False)


def read_countries(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of the countries in a cell, and the parts that name none."""
    whole = find_country(text)
    parts = (text,) if whole else tuple(part for piece in re.split(r"[,;/\n]", text) if (part := piece.strip()))
    codes = tuple(dict.fromkeys(code for part in parts if (code := find_country(part))))
    return codes, tuple(part for part in parts if not find_country(part))


def split_words(text: str) -> tuple[str, ...]:
    """Return the parts of a cell with several words: languages, docket numbers."""
    return tuple(dict.fromkeys(part for piece in re.split(r"[,;\n]", text) if (part := " ".join(piece.split()))))


def read_note(text: str) -> str:
    """Return the text of a note; HTML becomes plain text with its line breaks."""
    if not _TAG.search(text):
        return text
    parser = _PlainText()
    parser.feed(text)
    parser.close()
    lines = [" ".join(line.split()) for line in "".join(parser.texts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block."""
        del attrs
        if tag in _HIDDEN:
            self._hidden += 1
        if tag in _BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a hidden part."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "p":
            self.texts.append("\n")

    def handle_data(self, text: str) -> None:
        """Keep the text of a part that is shown."""
        if not self._hidden:
            self.texts.append(text)
