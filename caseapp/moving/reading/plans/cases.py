"""The case of a row: its facts, stage and relief, and whether it opens restricted."""

import re

from caseapp.moving.reading.cells.values import read_receipts, split_words
from caseapp.moving.reading.cells.words import find_code, find_codes
from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.plans.row_plan import MemberName
from caseapp.moving.reading.plans.row_reader import Cell, RowReader
from caseapp.records.case import Case, is_restricted

_NO = frozenset(("no", "n", "false", "f", "0", "none"))


def read_case(reader: RowReader, ids: dict[str, str]) -> Case:
    """Return the case of the row, without reference, lead and team."""
    closed_on, declined_on = reader.date("case.closed_on"), reader.date("case.declined_on")
    relief, facts = read_relief(reader)
    stage = _read_stage(reader, is_over=bool(closed_on or declined_on))
    if stage != "closed":
        closed_on = None
    status_cells = reader.cells("case.status_text")
    return Case(
        ref="",
        stage=stage,
        relief=relief,
        programme=_joined(reader, "case.programme"),
        funder=reader.text("case.funder"),
        service_level=reader.text("case.service_level"),
        close_code="other" if stage == "closed" else "",
        closed_on=closed_on or (declined_on if stage == "closed" else None),
        opened_on=reader.date("case.opened_on"),
        title=reader.text("case.title"),
        status_text="; ".join(dict.fromkeys(cell.text for cell in status_cells)),
        court_numbers=_read_court_numbers(reader),
        receipts=read_receipt_numbers(reader),
        referred_by=_joined(reader, "case.referred_by"),
        declined_on=declined_on,
        decline_reason=reader.text("case.decline_reason"),
        other_facts=(*facts, *reader.other_facts("case.close_reason", "link.matters")),
        external_ids=ids,
    )


def _joined(reader: RowReader, code: str) -> str:
    return "; ".join(dict.fromkeys(cell.text for cell in reader.cells(code)))


def _read_stage(reader: RowReader, *, is_over: bool) -> str:
    """Return the stage. A file that says open, and no more, leaves the stage to a person."""
    if reader.yes_no("case.is_closed"):
        return "closed"
    cells = reader.cells("case.stage")
    if not cells:
        return "closed" if is_over else _stage_by_court(reader)
    if code := find_code("stage", cells[0].text):
        return code
    if fold_heading(cells[0].text) not in {"open", "active", "abierto", "ouvert"}:
        reader.warn("stage", cells[0])
    return _stage_by_court(reader)


def _stage_by_court(reader: RowReader) -> str:
    is_in_court = any(reader.text(code) for code in ("hearing.on", "hearing.judge", "case.court_numbers"))
    return "in_court" if is_in_court else "intake"


def read_relief(reader: RowReader) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """Return the relief that the office confirmed for these texts, else the suggested one; and the texts in words."""
    codes: dict[str, None] = {}
    cells = reader.cells("case.relief")
    for cell in cells:
        codes.update(dict.fromkeys(relief_of_text(cell.text, reader.context.answers.relief)))
    return tuple(codes), [(cell.heading, cell.text) for cell in cells]


def relief_of_text(text: str, confirmed: dict[str, str]) -> tuple[str, ...]:
    """Return the relief that a text of the file means. `confirmed` is by folded text; a code may be "" for none."""
    folded = fold_heading(text)
    if folded in confirmed:
        return (confirmed[folded],) if confirmed[folded] else ()
    return find_codes("relief", text)


def read_wall(reader: RowReader, relief: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return why the case is proposed to open restricted, and the names of an access list.

    The words of the file count too: a confirmed table does not widen what a text names.
    """
    names = tuple(part for cell in reader.cells("case.access_list") for part in re.split(r"[;\n]", cell.text) if part)
    listed = tuple(name.strip() for name in names if name.strip().casefold() not in _NO)
    is_hidden = reader.yes_no("case.is_hidden")
    if listed or is_hidden:
        reader.warn("access_list", Cell("", "; ".join(listed)))
        return "access_list", listed
    named = {code for cell in reader.cells("case.relief") for code in find_codes("relief", cell.text)}
    return ("protected_relief", ()) if is_restricted((*relief, *named)) else ("", ())


def read_receipt_numbers(reader: RowReader) -> tuple[str, ...]:
    """Return the receipt numbers; one of another form is kept as typed, with a remark."""
    numbers: dict[str, None] = {}
    for cell in reader.cells("case.receipts"):
        for number in read_receipts(cell.text):
            numbers[number.text] = None
            if not number.is_well_formed:
                reader.warn("receipt", cell)
    return tuple(numbers)


def _read_court_numbers(reader: RowReader) -> tuple[str, ...]:
    cells = reader.cells("case.court_numbers")
    if reader.context.answers.reference == "court_number":
        cells += reader.cells("case.client_reference")
    elif not reader.context.answers.reference:
        for cell in reader.cells("case.client_reference"):
            reader.add_problem("reference", cell)
    return tuple(dict.fromkeys(number for cell in cells for number in split_words(cell.text)))


def read_members(reader: RowReader) -> tuple[MemberName, ...]:
    """Return the members that the file names: the lead first."""
    names: dict[str, str] = {}
    for role, code in (("lead", "case.lead"), ("team", "case.team")):
        for cell in reader.cells(code):
            for name in re.split(r"[;\n]|,(?=[^,]*,)|,(?! *\w+ *$)", cell.text):
                if plain := " ".join(name.split()):
                    names.setdefault(plain, role)
    return tuple(MemberName(role=role, name=name) for name, role in names.items())
