"""A file as a table: headings, and rows of text with the number that a spreadsheet shows."""

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from msgspec.structs import replace

from caseapp.moving.reading.errors import FileQuestion, UnreadableFile
from caseapp.moving.reading.files.csv_reader import SAMPLED_ROWS, SEPARATORS, detect_separator, read_csv
from caseapp.moving.reading.files.encodings import check_encoding, detect_encoding
from caseapp.moving.reading.files.headings import ROWS_SEARCHED, find_heading_row, name_headings
from caseapp.moving.reading.files.rows import SheetRow
from caseapp.moving.reading.files.xlsx_reader import OpenSheet, open_sheet, read_sheet
from caseapp.moving.reading.settings import ReadSettings

FILE_LIMIT = 100 << 20  # bytes: half a minute of one core, and 60 MB of memory (docs/mechanisms/import.md)
ROW_LIMIT = 200_000
COLUMN_LIMIT = 2_000
_ZIP_MARK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS, and XLSX with a password


@dataclass(frozen=True)
class Table:
    """A file that was opened. `settings` are complete: opened with them again it gives the same rows."""

    headings: tuple[str, ...]
    settings: ReadSettings
    questions: tuple[FileQuestion, ...]
    sheets: tuple[str, ...]  # visible sheets of a workbook; () for a text file
    _source: BinaryIO = field(repr=False)
    _sheet: OpenSheet | None = field(default=None, repr=False)
    row_limit: int = 0  # how many rows are read at most; 0: all

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the headings, blank ones left out, each as wide as the headings.

        Raises UnreadableFile(code="open_quote", "too_many_rows") at the row where reading ends.
        """
        filled = self._filled_rows()
        return islice(filled, self.row_limit) if self.row_limit else filled

    def _filled_rows(self) -> Iterator[SheetRow]:
        width = len(self.headings)
        for row in _read_rows(self._source, self.settings, self._sheet):
            if row.number > ROW_LIMIT:
                raise UnreadableFile("too_many_rows", limit=ROW_LIMIT)
            if row.number > self.settings.heading_row and (any(row.cells) or row.problem):
                yield _fit_row(row, width)


def open_table(
    stream: BinaryIO, settings: ReadSettings | None = None, *, known: Collection[str] = frozenset()
) -> Table:
    """Open a CSV or XLSX file. Raises UnreadableFile.

    stream    one that can seek; the caller keeps it open while rows are read
    settings  what is known about the file; the rest is found out
    known     folded headings of the presets, by which the row of headings is recognised
    """
    wanted = settings or ReadSettings()
    size = stream.seek(0, io.SEEK_END)
    if size > FILE_LIMIT:
        raise UnreadableFile("file_too_large", size=size >> 20, limit=FILE_LIMIT >> 20)
    if not size:
        raise UnreadableFile("empty")
    stream.seek(0)
    start = stream.read(8)
    if start == _OLD_WORKBOOK:
        raise UnreadableFile("old_workbook")
    if start.startswith(_ZIP_MARK):
        return _open_workbook(stream, wanted, known)
    return _open_text_file(stream, wanted, known)


def _open_workbook(stream: BinaryIO, wanted: ReadSettings, known: Collection[str]) -> Table:
    opened = open_sheet(stream, wanted.sheet)
    settings = replace(wanted, sheet=opened.name, encoding="", separator="")
    table = _find_headings(stream, settings, opened, known)
    heading = table.settings.heading_row
    rows = sum(last - max(first, heading - 1) for first, _c, last, _l in opened.merged if last >= heading)
    if settings.merged or rows <= 0:
        return table
    question = FileQuestion(code="merged", choices=("fill", "first"), rows=rows)
    return _ask(table, question)


def _open_text_file(stream: BinaryIO, wanted: ReadSettings, known: Collection[str]) -> Table:
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    encoding = wanted.encoding
    if encoding:
        check_encoding(stream, encoding)
    else:
        encoding, choices, examples = detect_encoding(stream)
    if wanted.separator and wanted.separator not in SEPARATORS:
        raise UnreadableFile("one_column")
    separator = wanted.separator or detect_separator(stream, encoding)
    settings = replace(wanted, encoding=encoding, separator=separator, sheet="")
    table = _find_headings(stream, settings, None, known)
    if not choices:
        return table
    return _ask(table, FileQuestion(code="encoding", choices=choices, examples=examples))


def _ask(table: Table, question: FileQuestion) -> Table:
    return Table(table.headings, table.settings, (question,), table.sheets, table._source, table._sheet)


def _find_headings(stream: BinaryIO, settings: ReadSettings, opened: OpenSheet | None, known: Collection[str]) -> Table:
    """Return the table with its headings. Raises UnreadableFile("one_column", "no_headings", "too_many_columns")."""
    first = list(islice(_read_rows(stream, settings, opened), max(ROWS_SEARCHED, settings.heading_row)))
    if not any(any(row.cells) for row in first):
        raise UnreadableFile("empty")
    number = settings.heading_row or find_heading_row(first, known)
    headings = name_headings(first[number - 1].cells) if 0 < number <= len(first) else ()
    if len(headings) < 2:
        rows = islice(_read_rows(stream, settings, opened), SAMPLED_ROWS)
        is_wide = any(sum(map(bool, row.cells)) > 1 for row in rows)
        raise UnreadableFile("no_headings" if is_wide else "one_column")
    if len(headings) > COLUMN_LIMIT:
        raise UnreadableFile("too_many_columns", limit=COLUMN_LIMIT)
    return Table(headings, replace(settings, heading_row=number), (), opened.names if opened else (), stream, opened)


def _read_rows(stream: BinaryIO, settings: ReadSettings, opened: OpenSheet | None) -> Iterator[SheetRow]:
    if opened is not None:
        return read_sheet(opened, merged=settings.merged)
    return read_csv(stream, settings.encoding, settings.separator)


def _fit_row(row: SheetRow, width: int) -> SheetRow:
    """Return the row as wide as the headings. A row with more filled cells has the problem "too_many_cells"."""
    if any(row.cells[width:]) and not row.problem:
        return row._replace(problem="too_many_cells")
    return row._replace(cells=(row.cells + ("",) * width)[:width])
