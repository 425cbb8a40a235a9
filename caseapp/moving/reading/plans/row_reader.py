"""The cells of one row by their fields, and the problems that reading them makes."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from caseapp.moving.reading.cells.dates import CellDateOrder, CellMoment, read_date, read_moment
from caseapp.moving.reading.cells.problems import CellProblem
from caseapp.moving.reading.cells.values import read_yes_no
from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.files.rows import SheetRow
from caseapp.moving.reading.plans.row_plan import Problem
from caseapp.moving.reading.presets.catalogue import Preset, common_headings
from caseapp.moving.reading.settings import LEFT_BEHIND, OTHER_FACTS, Answers, ColumnChoice
from caseapp.moving.reading.settings import Mapping as ColumnMapping

T = TypeVar("T")


class Cell(NamedTuple):
    """A cell with a text."""

    heading: str
    text: str


@dataclass(frozen=True)
class PlanContext:
    """The settings that are the same for every row of a file."""

    preset: Preset
    columns: Mapping[str, tuple[ColumnChoice, ...]]  # by field
    other_facts: tuple[ColumnChoice, ...]  # columns without a field
    answers: Answers
    dates: CellDateOrder
    is_encoding_unclear: bool = False


def make_context(
    preset: Preset, mapping: ColumnMapping, answers: Answers, order: str, *, is_encoding_unclear: bool = False
) -> PlanContext:
    """Return the context of a file. `order` is the order of its dates, "" where it is still asked about."""
    columns: dict[str, tuple[ColumnChoice, ...]] = {}
    others = []
    ignored = common_headings().ignored
    for choice in mapping.columns:
        if choice.field == LEFT_BEHIND:
            if answers.keep_left_behind and fold_heading(choice.heading) not in ignored:
                others.append(choice)
        elif choice.field == OTHER_FACTS:
            others.append(choice)
        else:
            columns[choice.field] = (*columns.get(choice.field, ()), choice)
    return PlanContext(
        preset=preset,
        columns=columns,
        other_facts=tuple(others),
        answers=answers,
        dates=CellDateOrder(order, answers.short_years_from),
        is_encoding_unclear=is_encoding_unclear,
    )


@dataclass
class RowReader:
    """Reads the cells of a row; what cannot be read becomes a problem of the row."""

    context: PlanContext
    row: SheetRow
    problems: list[Problem] = field(default_factory=list)

    def cells(self, code: str) -> list[Cell]:
        """Return the filled cells of a field, in the order of the columns."""
        choices = self.context.columns.get(code)
        if not choices:
            return []
        cells = self.row.cells
        return [
            Cell(choice.heading, cells[choice.column])
            for choice in choices
            if choice.column < len(cells) and cells[choice.column]
        ]

    def text(self, code: str) -> str:
        """Return the text of a field, "" where it is blank."""
        for choice in self.context.columns.get(code, ()):
            if choice.column < len(self.row.cells) and (text := self.row.cells[choice.column]):
                return text
        return ""

    def other_facts(self, *codes: str) -> tuple[tuple[str, str], ...]:
        """Return (heading, text) of the columns without a field, after those of these fields."""
        cells = self.row.cells
        named = [tuple(cell) for code in codes for cell in self.cells(code)]
        others = [
            (choice.heading, cells[choice.column])
            for choice in self.context.other_facts
            if choice.column < len(cells) and cells[choice.column]
        ]
        return (*((heading, text) for heading, text in named), *others)

    def lines(self, *codes: str) -> str:
        """Return the same as text, one "Heading: text" a line."""
        return "\n".join(f"{heading}: {text}" for heading, text in self.other_facts(*codes))

    def add_problem(
        self, code: str, cell: Cell | None = None, *, is_error: bool = True, rows: tuple[int, ...] = ()
    ) -> None:
        """Add a problem of this row."""
        heading, text = cell or ("", "")
        self.problems.append(Problem(code=code, column=heading, value=text[:200], is_error=is_error, rows=rows))

    def warn(self, code: str, cell: Cell | None = None) -> None:
        """Add a remark that does not reject the row."""
        self.add_problem(code, cell, is_error=False)

    def read(self, cell: Cell, reader: Callable[[str], T]) -> T | None:
        """Return the value of a cell; None, with a problem, where it cannot be read."""
        try:
            return reader(cell.text)
        except CellProblem as problem:
            self.add_problem(problem.code, cell)
            return None

    def date(self, code: str) -> dt.date | None:
        """Return the date of a field."""
        cells = self.cells(code)
        return self.read(cells[0], lambda text: read_date(text, self.context.dates)) if cells else None

    def moment(self, code: str) -> CellMoment | None:
        """Return the date and time of a field."""
        cells = self.cells(code)
        return self.read(cells[0], lambda text: read_moment(text, self.context.dates)) if cells else None

    def yes_no(self, code: str) -> bool | None:
        """Return yes or no; None for a blank, and with a remark for any other text."""
        for cell in self.cells(code):
            try:
                return read_yes_no(cell.text)
            except CellProblem:
                self.warn("yes_no", cell)
        return None
