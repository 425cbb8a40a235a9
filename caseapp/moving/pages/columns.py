"""Pages of the columns of an import's file and of its checked rows."""

from dataclasses import dataclass
from uuid import UUID

from django.forms import BoundField
from django.utils.translation import gettext as _

from caseapp.moving.forms.columns import ColumnsForm
from caseapp.moving.panels import field_names
from caseapp.moving.panels.import_texts import explain_problem, explain_question
from caseapp.moving.reading.errors import FileQuestion
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing.previews import ROWS_SURVEYED, FilePreview
from caseapp.records.names import format_a_number
from caseapp.ui.display import labels
from caseapp.ui.display.date_texts import list_date, partial_date

UNUSED_SHOWN = 12


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file: its heading, its first texts, and the box with its field."""

    heading: str
    samples: tuple[str, ...]
    box: BoundField


@dataclass(frozen=True)
class PlannedLine:
    """A row as it would be imported: who, what, and what is wrong with it."""

    row: int
    name: str
    facts: tuple[str, ...]
    problems: tuple[str, ...]
    is_rejected: bool


@dataclass(frozen=True)
class FileQuestionLine:
    """A question that the file leaves open, with texts of it."""

    text: str
    examples: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class ColumnsPage:
    """Meaning of the columns of a file. `fields` are the names that a column can be given."""

    id: UUID
    name: str
    lines: tuple[ColumnLine, ...]
    answers: tuple[BoundField, ...]
    fields: tuple[str, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    questions: tuple[FileQuestionLine, ...]
    planned: tuple[PlannedLine, ...]
    rows_read: int  # 0: all


def columns_page(import_id: UUID, name: str, preview: FilePreview, form: ColumnsForm) -> ColumnsPage:
    """Return the page of a file's columns."""
    columns = preview.mapping.columns
    boxes = [field for field in form if not field.name.startswith("column-")]
    return ColumnsPage(
        id=import_id,
        name=name,
        lines=tuple(
            ColumnLine(choice.heading, samples, form[f"column-{choice.column}"])
            for choice, samples in zip(columns, preview.samples, strict=True)
        ),
        answers=tuple(boxes),
        fields=tuple(form.codes),
        missing=tuple(_join_names(group) for group in preview.summary.missing),
        unused=tuple(map(field_names.field_name, preview.summary.unused[:UNUSED_SHOWN])),
        questions=tuple(map(_question_line, preview.survey.questions)),
        planned=tuple(map(planned_line, preview.plans)),
        rows_read=ROWS_SURVEYED if preview.survey.rows >= ROWS_SURVEYED else 0,
    )


def _join_names(group: tuple[str, ...]) -> str:
    return _(" or ").join(map(field_names.field_name, group[:3]))


def _question_line(question: FileQuestion) -> FileQuestionLine:
    return FileQuestionLine(explain_question(question), question.examples[:5], question.rows)


def planned_line(plan: RowPlan) -> PlannedLine:
    """Return a row with the facts by which a person recognises it."""
    person = plan.person or (plan.other_parties[0] if plan.other_parties else None)
    facts = []
    if person is not None:
        facts += [format_a_number(person.a_number), partial_date(person.birth) if person.birth else ""]
    if plan.case is not None:
        facts.append(labels.label_of(labels.STAGES, plan.case.stage))
        facts += [labels.label_of(labels.RELIEF, code) for code in plan.case.relief]
    facts += [list_date(hearing.starts_on) for hearing in plan.hearings]
    facts += [line.what for line in plan.deadlines] + [task.text for task in plan.tasks]
    facts += [note.text[:80] for note in plan.notes]
    return PlannedLine(
        row=plan.row,
        name=person.name.full if person else plan.client_name or " ".join(plan.case_keys.values()),
        facts=tuple(fact for fact in facts if fact),
        problems=tuple(map(explain_problem, plan.problems)),
        is_rejected=plan.status == "rejected",
    )
