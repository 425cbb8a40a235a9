"""Rows of an XLSX workbook as text. Nothing is computed: a formula is the value that was saved with it, else its text.

Days and times are cells of their own kind in a workbook, so they leave here as ISO text, whatever order they show.
"""

import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.reading.files.csv_reader import clean_cell
from caseapp.moving.reading.files.rows import SheetRow
from caseapp.moving.reading.files.xlsx_check import check_workbook
from caseapp.moving.reading.files.xlsx_formulas import Cells, read_formulas

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


class OpenSheet(NamedTuple):
    """A sheet of a workbook, with what the parser leaves out."""

    name: str
    names: tuple[str, ...]  # of all visible sheets
    sheet: CalamineSheet
    formulas: Cells  # formulas without a saved value, and error values
    merged: tuple[tuple[int, int, int, int], ...]  # first row, first column, last row, last column; from 0


def open_sheet(source: BinaryIO, name: str) -> OpenSheet:
    """Return a sheet by its name, by default the first visible one with cells. Raises UnreadableFile."""
    parts = check_workbook(source)
    source.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(source)
        visible = [meta.name for meta in workbook.sheets_metadata if meta.visible == SheetVisibleEnum.Visible]
        if name and name not in visible:
            raise UnreadableFile("no_sheet")
        for candidate in [name] if name else visible:
            sheet = workbook.get_sheet_by_name(candidate)
            formulas = read_formulas(source, candidate, parts)
            if name or sheet.height:
                return OpenSheet(candidate, tuple(visible), sheet, formulas, _merged_cells(sheet))
    except PasswordError as exc:
        raise UnreadableFile("encrypted_workbook") from exc
    except CalamineError as exc:
        raise UnreadableFile("no_workbook") from exc
    raise UnreadableFile("empty")


def read_sheet(opened: OpenSheet, *, merged: str) -> Iterator[SheetRow]:
    """Yield every row from the first one of the sheet.

    merged  fill: the value of merged cells applies to each of their rows; first: only to the first;
            otherwise each row that is covered from above has the problem "merged"
    """
    first_row, first_column = opened.sheet.start or (0, 0)
    formulas = opened.formulas
    above = {(row, m[1]): (m[0], m[1]) for m in opened.merged for row in range(m[0] + 1, m[2] + 1)}
    values: dict[tuple[int, int], str] = {}
    for index in range(first_row):
        yield SheetRow(index + 1, ())
    for index, row in enumerate(opened.sheet.iter_rows(), first_row):
        cells = [""] * first_column + [_text_of(value) for value in row]
        for column, text in formulas.get(index, ()):
            if column < len(cells) and not cells[column]:
                cells[column] = text
        covered = _keep_merged(cells, index, opened, above, values, fill=merged == "fill")
        yield SheetRow(index + 1, tuple(cells), problem="merged" if covered and not merged else "")


def _keep_merged(
    cells: list[str],
    row: int,
    opened: OpenSheet,
    above: dict[tuple[int, int], tuple[int, int]],
    values: dict[tuple[int, int], str],
    *,
    fill: bool,
) -> bool:
    """Remember values of merged cells and fill those below; return whether a value above covers this row."""
    for first_row, first_column, last_row, _last in opened.merged:
        if row == first_row < last_row and first_column < len(cells):
            values[first_row, first_column] = cells[first_column]
    covered = False
    for column in range(len(cells)):
        origin = above.get((row, column))
        if origin and values.get(origin):
            covered = True
            if fill:
                cells[column] = values[origin]
    return covered


def _merged_cells(sheet: CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((top[0], top[1], end[0], end[1]) for top, end in sheet.merged_cell_ranges or () if end[0] > top[0])


def _text_of(value: Value) -> str:
    if isinstance(value, str):
        return clean_cell(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return format_number(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    return value.isoformat() if isinstance(value, dt.date) else value.strftime("%H:%M")


def format_number(value: float) -> str:
    """Return a number as a person types it: 123456789, never 1.23456789e8."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:f}".rstrip("0").rstrip(".") if abs(value) >= 1e15 else repr(value)
