"""Headings: how they are compared, which row has them, and names for repeated ones."""

import re
import unicodedata
from collections.abc import Collection, Sequence

from caseapp.moving.reading.files.rows import SheetRow

ROWS_SEARCHED = 10  # a report's title and blank rows are above the headings
_NOT_A_LETTER = re.compile(r"[^\w]+|_+")


def fold_heading(text: str) -> str:
    """Return a heading in the form that is compared: without case, accents and punctuation; # means number."""
    decomposed = unicodedata.normalize("NFKD", text.replace("#", " number ").casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(_NOT_A_LETTER.sub(" ", plain).split())


def find_heading_row(rows: Sequence[SheetRow], known: Collection[str]) -> int:
    """Return the number of the row with the headings, 0 where none of the first rows can be it.

    known  folded headings of the presets: the row with most of them wins, then the one with most texts
    """
    scores = {row.number: _score(row, known) for row in rows[:ROWS_SEARCHED]}
    best = max(scores, key=lambda number: (scores[number], -number), default=0)
    return best if best and scores[best] > (0, 0) else 0


def _score(row: SheetRow, known: Collection[str]) -> tuple[int, int]:
    texts = [cell for cell in row.cells if cell]
    if len(texts) < 2 or row.problem:
        return (0, 0)
    named = sum(fold_heading(text) in known for text in texts)
    words = sum(any(sign.isalpha() for sign in text) and len(text) <= 120 for text in texts)
    return (named, words) if words * 2 >= len(texts) else (0, 0)


def name_headings(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the headings without blank ones at the end; a repeated one gets 2, 3; a blank one its column's letters."""
    width = max((index for index, cell in enumerate(cells, 1) if cell), default=0)
    seen: dict[str, int] = {}
    names = []
    for index, cell in enumerate(cells[:width]):
        heading = " ".join(cell.split()) or f"[{column_letters(index)}]"
        folded = fold_heading(heading)
        seen[folded] = seen.get(folded, 0) + 1
        names.append(heading if seen[folded] == 1 else f"{heading} {seen[folded]}")
    return tuple(names)


def column_letters(index: int) -> str:
    """Return the letters of a column as a spreadsheet shows them: 0 is A, 26 is AA."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        index -= 1
    return letters
