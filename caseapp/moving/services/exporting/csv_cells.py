"""CSV files that a spreadsheet opens as text: no cell of an export is run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet runs a cell that begins with one of these. The apostrophe is in the list so that each text can
# be had back: a cell that begins with an apostrophe has had one put before it, and without it the text is as it was.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
MARK = "\ufeff"  # tells spreadsheets that the file is UTF-8


def make_harmless(text: str) -> str:
    """Return the text of a cell, with an apostrophe before one that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8, with commas and line ends as RFC 4180 has them. A file begins with `MARK`."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([make_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
