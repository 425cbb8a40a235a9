"""Files as tests write them, and what reading them gives."""

import csv
import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from caseapp.moving.reading.files.headings import column_letters
from caseapp.moving.reading.files.table import Table, open_table
from caseapp.moving.reading.plans.mapping import suggest_mapping
from caseapp.moving.reading.plans.planning import plan_rows
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.reading.plans.survey import Survey, survey_table
from caseapp.moving.reading.presets.catalogue import known_headings, presets
from caseapp.moving.reading.settings import Answers, ReadSettings

Rows = Sequence[Sequence[str]]


def csv_bytes(rows: Rows, *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Return the rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def table_of(content: bytes, **settings: str | int) -> Table:
    """Return the table of a file's bytes."""
    return open_table(io.BytesIO(content), ReadSettings(**settings), known=known_headings())  # type: ignore[arg-type]


def plans_of(preset: str, rows: Rows, answers: Answers | None = None) -> list[RowPlan]:
    """Return the plans of a CSV file read with a preset."""
    return planned(preset, rows, answers)[1]


def planned(preset: str, rows: Rows, answers: Answers | None = None) -> tuple[Survey, list[RowPlan]]:
    """Return the survey and the plans of a CSV file read with a preset."""
    table = table_of(csv_bytes(rows))
    mapping = suggest_mapping(table.headings, presets()[preset])
    survey = survey_table(table, mapping, answers or Answers())
    return survey, list(plan_rows(table, mapping, answers or Answers(), survey))


def errors_of(plan: RowPlan) -> list[str]:
    """Return the codes of the errors of a row."""
    return [problem.code for problem in plan.errors]


def remarks_of(plan: RowPlan) -> list[str]:
    """Return the codes of the remarks of a row."""
    return [problem.code for problem in plan.problems if not problem.is_error]


def xlsx_bytes(
    cells: Sequence[Sequence[str]], *, merged: Sequence[str] = (), parts: dict[str, str] | None = None
) -> bytes:
    """Return a workbook. A cell is a text, or XML of a cell where it begins with `<`: its place is then filled in."""
    lines = []
    for number, row in enumerate(cells, 1):
        places = (f"{column_letters(column)}{number}" for column in range(len(row)))
        texts = "".join(_cell_xml(place, cell) for place, cell in zip(places, row, strict=True) if cell)
        lines.append(f'<row r="{number}">{texts}</row>')
    ranges = "".join(f'<mergeCell ref="{reference}"/>' for reference in merged)
    after = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    sheet = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>{after}</worksheet>'
    content = {**_PARTS, "xl/worksheets/sheet1.xml": sheet, **(parts or {})}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return packed.getvalue()


def _cell_xml(place: str, cell: str) -> str:
    if cell.startswith("<c"):
        return cell.replace("<c", f'<c r="{place}"', 1)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Cases" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Style 1 is a date.
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
}
