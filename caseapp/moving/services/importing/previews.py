"""The first rows of an import's file: what they mean in the present reading, and what the file leaves open."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.lib.errors import NotFound
from caseapp.moving.reading.files.table import Table, open_table
from caseapp.moving.reading.plans.mapping import MappingSummary, describe_mapping, suggest_mapping
from caseapp.moving.reading.plans.planning import plan_rows
from caseapp.moving.reading.plans.rejected import RejectedRows
from caseapp.moving.reading.plans.row_plan import Problem, RowPlan
from caseapp.moving.reading.plans.survey import Survey, survey_table
from caseapp.moving.reading.presets.catalogue import Preset, find_preset, guess_preset, known_headings
from caseapp.moving.reading.settings import Mapping, ReadSettings
from caseapp.moving.services.importing import import_store, sources
from caseapp.moving.services.importing.shapes import ImportState, PlannedPart

ROWS_SURVEYED = 2_000  # a page does not wait for a large file; the check reads every row
ROWS_SHOWN = 5


@dataclass(frozen=True)
class FilePreview:
    """An import's file in its present reading. `samples` are the first texts of each column."""

    preset: Preset
    mapping: Mapping
    summary: MappingSummary
    settings: ReadSettings
    sheets: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    survey: Survey
    plans: tuple[RowPlan, ...]


@contextmanager
def open_rows(staff: Staff, state: ImportState, settings: ReadSettings, limit: int = 0) -> Iterator[Table]:
    """Open the file of an import as a table. Raises UnreadableFile."""
    with sources.open_source(staff, state) as stream:
        yield dataclasses.replace(open_table(stream, settings, known=known_headings()), row_limit=limit)


def preview_file(staff: Staff, state: ImportState) -> FilePreview:
    """Return the first rows and what they mean, by the chosen columns or the suggested ones. Raises UnreadableFile."""
    with open_rows(staff, state, state.settings, ROWS_SURVEYED) as table:
        preset = (find_preset(state.mapping.preset) if state.mapping else None) or guess_preset(table.headings)
        mapping = state.mapping or suggest_columns(staff, table, preset)
        survey = survey_table(table, mapping, state.answers)
        first = [row.cells for row in islice(table.rows(), ROWS_SHOWN)]
        return FilePreview(
            preset=preset,
            mapping=mapping,
            summary=describe_mapping(mapping, preset),
            settings=table.settings,
            sheets=table.sheets,
            samples=tuple(tuple(cells[number] for cells in first) for number in range(len(table.headings))),
            survey=survey,
            plans=tuple(islice(plan_rows(table, mapping, state.answers, survey), ROWS_SHOWN)),
        )


def suggest_columns(staff: Staff, table: Table, preset: Preset) -> Mapping:
    """Return the columns as the member chose them last for files of this preset, else by the preset."""
    return suggest_mapping(table.headings, preset, import_store.remembered_mapping(staff, preset.code))


def change_reading(staff: Staff, state: ImportState, settings: ReadSettings, preset_code: str) -> Mapping:
    """Return the suggested columns of the file, read with other settings. Raises UnreadableFile."""
    with open_rows(staff, state, settings, ROWS_SHOWN) as table:
        return suggest_columns(staff, table, find_preset(preset_code) or guess_preset(table.headings))


def checked_problems(staff: Staff, import_id: UUID, limit: int) -> tuple[list[RowPlan], int]:
    """Return the first checked rows with an error or a remark, errors first, and how many there are in all."""
    errors: list[RowPlan] = []
    remarks: list[RowPlan] = []
    count = 0
    for _number, part in import_store.read_parts(staff, import_id):
        for row in part.rows if isinstance(part, PlannedPart) else ():
            rows = errors if row.plan.errors else remarks
            if row.plan.problems:
                count += 1
                rows += [row.plan] if len(rows) < limit else []
    return [*errors, *remarks][:limit], count


def write_rejected(
    staff: Staff, state: ImportState, labels: tuple[str, str], explain: Callable[[Problem], str]
) -> bytes:
    """Return the rejected rows of the whole file as CSV, each with its reasons. Raises UnreadableFile.

    labels  headings of the row number and of the reasons
    """
    if state.mapping is None:
        raise NotFound("the columns are not chosen yet")
    with open_rows(staff, state, state.settings) as table:
        survey = survey_table(table, state.mapping, state.answers)
        plans = plan_rows(table, state.mapping, state.answers, survey)
        rejected = {plan.row: plan.problems for plan in plans if plan.status == "rejected"}
        writer = RejectedRows(table.headings, row_label=labels[0], reason_label=labels[1])
        for row in table.rows():
            if row.number in rejected:
                writer.add(row.number, row.cells, rejected[row.number], explain)
        return writer.take()
