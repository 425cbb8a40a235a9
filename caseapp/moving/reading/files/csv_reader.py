"""Rows of a CSV file as a stream: any separator that offices use, quoted line breaks, any length."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import BinaryIO

from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.reading.files.rows import SheetRow

SEPARATORS = (",", ";", "\t", "|")
CELL_LIMIT = 1_000_000  # characters: a longer cell is a quotation mark that is never closed
SAMPLED_ROWS = 200

csv.field_size_limit(CELL_LIMIT)


def detect_separator(source: BinaryIO, encoding: str) -> str:
    """Return the separator with which most rows have the same number of cells.

    Raises UnreadableFile(code="one_column", "open_quote").
    """
    scores = {separator: _score_separator(source, encoding, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    if not scores[best]:
        raise UnreadableFile("one_column")
    return best


def _score_separator(source: BinaryIO, encoding: str, separator: str) -> float:
    widths: Counter[int] = Counter()
    with suppress(UnreadableFile):  # a quotation mark that is never closed ends the sample
        for row in islice(read_csv(source, encoding, separator), SAMPLED_ROWS):
            widths[len(row.cells)] += any(row.cells)
    wide = {width: count for width, count in widths.items() if width > 1 and count}
    if not wide:
        return 0
    width, count = max(wide.items(), key=lambda pair: (pair[1], pair[0]))
    return count / widths.total() + min(width, 100) / 1000


def read_csv(source: BinaryIO, encoding: str, separator: str) -> Iterator[SheetRow]:
    """Yield every row, blank ones included. Raises UnreadableFile(code="open_quote", row=...).

    A row whose quotation marks are wrong has the problem "quotes" and its whole text in one cell: the rows after it are
    read.
    """
    with _open_text(source, encoding) as text:
        read_lines: list[str] = []
        reader = csv.reader(_remember_lines(text, read_lines), delimiter=separator, strict=True)
        number, lines = 0, 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                if "unexpected end" in str(exc) or "field limit" in str(exc):
                    raise UnreadableFile("open_quote", row=number) from None
                whole = clean_cell("".join(read_lines))
                yield SheetRow(number, (whole,), problem="quotes", lines=reader.line_num - lines)
            else:
                yield SheetRow(number, tuple(map(clean_cell, cells)), lines=reader.line_num - lines)
            lines = reader.line_num
            read_lines.clear()


def _remember_lines(text: Iterable[str], read_lines: list[str]) -> Iterator[str]:
    for line in text:
        read_lines.append(line)
        yield line


def clean_cell(text: str) -> str:
    """Return the text of a cell without surrounding space, with one kind of line break."""
    if "\r" in text or "\x00" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.strip()


@contextmanager
def _open_text(source: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    source.seek(0)
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()  # otherwise it would close the file
