"""A dry run: every row planned, nothing saved; what would be created, what is rejected and why."""

from collections import Counter
from collections.abc import Callable

import msgspec

from caseapp.moving.reading.errors import FileQuestion
from caseapp.moving.reading.files.table import Table
from caseapp.moving.reading.plans.planning import plan_rows
from caseapp.moving.reading.plans.row_plan import Problem, RowPlan
from caseapp.moving.reading.plans.survey import Survey, survey_table
from caseapp.moving.reading.settings import Answers, Mapping

ROWS_SHOWN = 200  # rejected rows in the report of a page; the file of rejected rows has all
Progress = Callable[[int, int], None]  # rows done, rows in all
SeePlan = Callable[[RowPlan], None]


class RowReport(msgspec.Struct, kw_only=True, frozen=True):
    """A row with its problems."""

    row: int
    problems: tuple[Problem, ...]


class DryRun(msgspec.Struct, kw_only=True, frozen=True):
    """The report of a dry run.

    counts   rows by status
    creates  records that the new rows would create, by kind
    """

    rows: int
    counts: dict[str, int]
    creates: dict[str, int]
    errors: dict[str, int]  # rows by code
    remarks: dict[str, int]
    walls: dict[str, int]
    questions: tuple[FileQuestion, ...]
    rejected: tuple[RowReport, ...]  # the first ROWS_SHOWN
    remarked: tuple[RowReport, ...]
    ids: tuple[str, ...]


def run_dry_run(
    table: Table,
    mapping: Mapping,
    answers: Answers,
    *,
    progress: Progress | None = None,
    see_plan: SeePlan | None = None,
) -> DryRun:
    """Plan every row and report. `see_plan` is called with each plan. Raises UnreadableFile."""
    survey = survey_table(table, mapping, answers)
    tally = _Tally()
    for done, plan in enumerate(plan_rows(table, mapping, answers, survey), 1):
        tally.add_plan(plan)
        if see_plan:
            see_plan(plan)
        if progress and (done % 1000 == 0 or done == survey.rows):
            progress(done, survey.rows)
    return tally.report(survey)


class _Tally:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.creates: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.remarks: Counter[str] = Counter()
        self.walls: Counter[str] = Counter()
        self.rejected: list[RowReport] = []
        self.remarked: list[RowReport] = []

    def add_plan(self, plan: RowPlan) -> None:
        """Count a row."""
        self.counts[plan.status] += 1
        self.errors.update({problem.code for problem in plan.problems if problem.is_error})
        self.remarks.update({problem.code for problem in plan.problems if not problem.is_error})
        if plan.status == "rejected":
            _keep(self.rejected, plan)
        elif plan.problems:
            _keep(self.remarked, plan)
        if plan.status == "new":
            self.creates.update(count_records(plan))
            self.walls.update([plan.wall] if plan.wall else [])

    def report(self, survey: Survey) -> DryRun:
        """Return the report."""
        return DryRun(
            rows=survey.rows,
            counts=dict(self.counts),
            creates={kind: count for kind, count in self.creates.items() if count},
            errors=dict(self.errors.most_common()),
            remarks=dict(self.remarks.most_common()),
            walls=dict(self.walls),
            questions=survey.questions,
            rejected=tuple(self.rejected),
            remarked=tuple(self.remarked),
            ids=survey.ids,
        )


def _keep(reports: list[RowReport], plan: RowPlan) -> None:
    if len(reports) < ROWS_SHOWN:
        reports.append(RowReport(row=plan.row, problems=plan.problems))


def count_records(plan: RowPlan) -> dict[str, int]:
    """Return how many records of each kind the row would create."""
    return {
        "case": int(plan.case is not None),
        "client": int(plan.person is not None),
        "other_party": len(plan.other_parties),
        "hearing": len(plan.hearings),
        "deadline": len(plan.deadlines),
        "task": len(plan.tasks),
        "note": len(plan.notes),
        "proceeding": len(plan.proceedings),
        "history": len(plan.histories),
        "document": len(plan.documents),
    }
