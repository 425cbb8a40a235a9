"""One pass over a file before its rows are planned: what only the whole file shows.

Which order its dates have, which ids occur twice, and the questions that a person must answer.
"""

import re
from collections.abc import Iterator

import msgspec

from caseapp.moving.reading.cells.dates import evidence_of_order
from caseapp.moving.reading.cells.values import read_a_number
from caseapp.moving.reading.errors import FileQuestion, UnreadableFile
from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.files.rows import SheetRow
from caseapp.moving.reading.files.table import Table
from caseapp.moving.reading.plans.row_reader import PlanContext, RowReader, make_context
from caseapp.moving.reading.presets.catalogue import Preset, presets
from caseapp.moving.reading.presets.fields import DATE_FIELDS, TIME_FIELDS
from caseapp.moving.reading.settings import Answers, Mapping

OWN_ID = {
    "case": "case.id",
    "person": "person.id",
    "party": "party.id",
    "hearing": "event.id",
    "task": "task.id",
    "deadline": "task.id",
    "note": "note.id",
    "service": "note.id",
    "time": "note.id",
    "proceeding": "proceeding.id",
    "history": "history.id",
    "document": "document.id",
}
EXAMPLES = 5
RELIEF_TEXTS = 200  # so many different texts are shown to be confirmed
REPEATS_LIMIT = 20_000  # rows with an id that occurs twice, kept in memory
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1(?:[0-9]{2}|00[0-9]{2})(?![0-9])")


class Repeat(msgspec.Struct, kw_only=True, frozen=True):
    """Why a row whose id occurs twice is not new: same_row, same_id, or reopened (a closed case opened again)."""

    code: str
    other_row: int  # same_row, same_id: the first row; reopened: the row that counts


class Survey(msgspec.Struct, kw_only=True, frozen=True):
    """The findings of one pass over the file. `order` is "" while the order of its dates is asked about."""

    rows: int
    order: str
    questions: tuple[FileQuestion, ...]
    repeats: dict[int, Repeat]
    earlier_openings: dict[int, tuple[tuple[str, str], ...]]  # the row that counts to what the others said
    same_a_number: dict[int, int]  # a row to the first row with its A-Number and another id
    ids: tuple[str, ...]  # ids of the rows, to compare files


def survey_table(table: Table, mapping: Mapping, answers: Answers) -> Survey:
    """Return what one pass over the file shows. Raises UnreadableFile where reading ends."""
    preset = presets()[mapping.preset]
    context = make_context(preset, mapping, answers, "")
    counts = _Counts(context)
    for row in table.rows():
        counts.add_row(row)
    order, asked = _decide_order(counts, preset, answers)
    repeats, openings = _judge_repeats(table, context, counts)
    return Survey(
        rows=counts.rows,
        order=order,
        questions=(*table.questions, *asked, *counts.other_questions()),
        repeats=repeats,
        earlier_openings=openings,
        same_a_number=counts.same_a_number,
        ids=tuple(counts.first_row_of_id),
    )


class _Counts:
    """The findings that rows have in common, collected while they pass."""

    def __init__(self, context: PlanContext) -> None:
        self.context = context
        self.rows = 0
        self.evidence: dict[str, list[str]] = {"mdy": [], "dmy": [], "both": []}
        self.evidence_rows = {"mdy": 0, "dmy": 0, "both": 0}
        self.short_years: list[str] = []
        self.short_year_rows = self.zone_rows = self.reference_rows = 0
        self.references: list[str] = []
        self.relief: dict[str, str] = {}
        self.relief_rows = 0
        self.first_row_of_id: dict[str, int] = {}
        self.repeated: set[str] = set()
        self.same_a_number: dict[int, int] = {}
        self._a_numbers: dict[str, tuple[int, str]] = {}
        self._date_codes = [code for code in context.columns if code in DATE_FIELDS]
        self._has_times = any(code in TIME_FIELDS for code in context.columns)
        self._own_id = OWN_ID.get(context.preset.makes, "")

    def add_row(self, row: SheetRow) -> None:
        """Add what a row shows."""
        self.rows += 1
        if row.problem:
            return
        reader = RowReader(self.context, row)
        self._add_dates(reader)
        self._add_times(reader)
        own_id = reader.text(self._own_id)
        if own_id and own_id in self.first_row_of_id:
            self.repeated.add(own_id)
        elif own_id:
            self.first_row_of_id[own_id] = row.number
        self._add_a_number(reader, row.number, own_id)
        if reference := reader.text("case.client_reference"):
            self.reference_rows += 1
            self.references += [reference] if len(self.references) < EXAMPLES else []
        for cell in reader.cells("case.relief"):
            self._add_relief(cell.text)

    def _add_dates(self, reader: RowReader) -> None:
        texts = [cell.text for code in self._date_codes for cell in reader.cells(code)]
        shown = {evidence_of_order(text): text for text in texts}
        for evidence, text in shown.items():
            if evidence:
                self.evidence_rows[evidence] += 1
                if len(self.evidence[evidence]) < EXAMPLES and text not in self.evidence[evidence]:
                    self.evidence[evidence].append(text)
        short = [text for text in texts if _SHORT_YEAR.match(text)]
        if short:
            self.short_year_rows += 1
            self.short_years += short[:1] if len(self.short_years) < EXAMPLES else []

    def _add_times(self, reader: RowReader) -> None:
        if self._has_times and any(
            ":" in cell.text or code.endswith(".time") for code in TIME_FIELDS for cell in reader.cells(code)
        ):
            self.zone_rows += 1

    def _add_a_number(self, reader: RowReader, number: int, own_id: str) -> None:
        text = reader.text("person.a_number")
        if not text or not (read := read_a_number(text)).is_well_formed:
            return
        first = self._a_numbers.setdefault(read.text, (number, own_id))
        if first[0] != number and (not own_id or first[1] != own_id):
            self.same_a_number[number] = first[0]

    def _add_relief(self, text: str) -> None:
        folded = fold_heading(text)
        if folded and folded not in self.context.answers.relief:
            self.relief_rows += 1
            if len(self.relief) < RELIEF_TEXTS:
                self.relief.setdefault(folded, text)

    def other_questions(self) -> list[FileQuestion]:
        """Return the questions besides those about the order of dates."""
        answers, questions = self.context.answers, []
        if self.short_year_rows and not answers.short_years_from:
            questions.append(
                FileQuestion(code="short_years", examples=tuple(self.short_years), rows=self.short_year_rows)
            )
        if self.zone_rows and not answers.zone:
            questions.append(FileQuestion(code="zone", rows=self.zone_rows))
        if self.reference_rows and not answers.reference:
            choices = ("court_number", "a_number")
            questions.append(
                FileQuestion(
                    code="reference", choices=choices, examples=tuple(self.references), rows=self.reference_rows
                )
            )
        if self.relief:
            texts = tuple(self.relief.values())
            questions.append(FileQuestion(code="relief", examples=texts, rows=self.relief_rows, is_blocking=False))
        return questions


def _decide_order(counts: _Counts, preset: Preset, answers: Answers) -> tuple[str, list[FileQuestion]]:
    """Return the order of the file's dates, or "" with a question: when none is declared, or another one is met."""
    if answers.date_order:
        return answers.date_order, []
    declared, rows = preset.date_order, counts.evidence_rows
    other = {"mdy": "dmy", "dmy": "mdy"}.get(declared, "")
    if declared and not rows[other]:
        return declared, []
    if not rows["both"] and not (declared and rows[other]):
        return "", []
    examples = tuple(text for evidence in ("both", "dmy", "mdy") for text in counts.evidence[evidence][:2])
    affected = rows["both"] + (rows[other] if declared else 0)
    return "", [FileQuestion(code="date_order", choices=("mdy", "dmy"), examples=examples, rows=affected)]


def _judge_repeats(
    table: Table, context: PlanContext, counts: _Counts
) -> tuple[dict[int, Repeat], dict[int, tuple[tuple[str, str], ...]]]:
    """Return why each row with an id of an earlier row is not new, and the reopened cases.

    Raises UnreadableFile(code="too_many_repeats").
    """
    if not counts.repeated:
        return {}, {}
    groups: dict[str, list[RowReader]] = {}
    own_id, kept = OWN_ID[context.preset.makes], 0
    for row in table.rows():
        reader = RowReader(context, row)
        if not row.problem and (text := reader.text(own_id)) in counts.repeated:
            groups.setdefault(text, []).append(reader)
            kept += 1
            if kept > REPEATS_LIMIT:
                raise UnreadableFile("too_many_repeats", limit=REPEATS_LIMIT)
    repeats: dict[int, Repeat] = {}
    openings: dict[int, tuple[tuple[str, str], ...]] = {}
    for readers in groups.values():
        winner = _reopened_row(readers) if context.preset.makes == "case" else None
        if winner is not None:
            others = [reader for reader in readers if reader is not winner]
            repeats |= {r.row.number: Repeat(code="reopened", other_row=winner.row.number) for r in others}
            openings[winner.row.number] = tuple(fact for reader in others for fact in _facts_of_opening(reader))
        else:
            repeats |= dict(_compare_with_first(readers))
    return repeats, openings


def _compare_with_first(readers: list[RowReader]) -> Iterator[tuple[int, Repeat]]:
    first = readers[0].row
    for row in (reader.row for reader in readers[1:]):
        yield row.number, Repeat(code="same_row" if row.cells == first.cells else "same_id", other_row=first.number)


# What may differ between the rows of a case that was closed and opened again.
_OF_ONE_OPENING = frozenset(
    (
        "case.opened_on",
        "case.closed_on",
        "case.stage",
        "case.is_closed",
        "case.close_reason",
        "case.status_text",
        "case.lead",
        "case.team",
        "case.service_level",
    )
)


def _reopened_row(readers: list[RowReader]) -> RowReader | None:
    """Return the row of a case that was closed and opened again that is still open, None if it is no such case."""
    open_rows = [reader for reader in readers if not reader.text("case.closed_on")]
    if len(open_rows) != 1 or len({_lasting_cells(reader) for reader in readers}) != 1:
        return None
    return open_rows[0]


def _facts_of_opening(reader: RowReader) -> tuple[tuple[str, str], ...]:
    return tuple((cell.heading, cell.text) for code in sorted(_OF_ONE_OPENING) for cell in reader.cells(code))


def _lasting_cells(reader: RowReader) -> tuple[str, ...]:
    columns = reader.context.columns
    passing = {choice.column for code in _OF_ONE_OPENING for choice in columns.get(code, ())}
    return tuple(cell for column, cell in enumerate(reader.row.cells) if column not in passing)
