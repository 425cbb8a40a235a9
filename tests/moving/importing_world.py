"""Imports for tests: rows as the reading of a file gives them, and an import that is checked already."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.file_storage import BlobWriter
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, sources, steps
from caseapp.moving.services.importing.shapes import (
    AT_WORK,
    READY,
    CheckedRow,
    ImportState,
    PlannedPart,
    RowResult,
    SavedPart,
)
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Name, Party
from caseapp.records.task import Task
from caseapp.vault.tenancy import office_transaction

NAMES = ("Amina Diallo", "Jose Tuan", "Nilofar Karimi", "Olena Kovalenko", "Samuel Tesfaye", "Thuy Nguyen")


def case_plan(
    number: int, *, relief: tuple[str, ...] = ("family",), with_dates: bool = True, **fields: object
) -> RowPlan:
    """A row of a list of cases: a person, and for every second one a hearing, a deadline, a note and a task."""
    ids = {"legalserver": f"26-{number:07d}"}
    plan = RowPlan(
        row=number + 1,
        kind="case",
        source="legalserver",
        keys=ids,
        person=Party(
            role="lead",
            name=Name(full=f"{NAMES[number % len(NAMES)]} {number}"),
            a_number=f"{number:09d}",
            born_on=dt.date(1980, 1, 1) + dt.timedelta(days=number),
            external_ids={"legalserver.person": f"P-{number}"},
        ),
        case=Case(ref="", stage="master", relief=relief, title=f"Matter {number}", external_ids=ids),
    )
    if with_dates and number % 2 == 0:
        starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC) + dt.timedelta(days=7 * (number % 20))
        plan = replace(
            plan,
            hearings=(Hearing(kind="master", starts_at=starts, zone="America/New_York", court="Court North"),),
            deadlines=(Deadline(what="Brief", severity="serious", due_on=dt.date(2027, 1, 20), reason="Old system"),),
            notes=(Note(text=f"Old note {number}"),),
            tasks=(Task(text=f"Call {number}", due_on=dt.date(2027, 1, 11)),),
        )
    return replace(plan, **fields)


def broken_plan(number: int) -> RowPlan:
    """A row that has an error."""
    return RowPlan(row=number + 1, status="rejected", kind="case")


def checked_import(
    staff: Staff, plans: Sequence[RowPlan | CheckedRow], *, size: int = 5, name: str = "cases.csv"
) -> UUID:
    """An import of these rows, checked and with a team, in parts of `size` rows."""
    writer = BlobWriter(staff.org_id)
    writer.write(b"Case ID#,Client Name\n26-0000001,Amina Diallo\n")
    import_id = import_store.begin_import(staff, sources.facts_of(staff, name, writer.finish()))
    rows = [plan if isinstance(plan, CheckedRow) else CheckedRow(plan=plan) for plan in plans]
    parts = [tuple(rows[at : at + size]) for at in range(0, len(rows), size)]
    with office_transaction(staff.org_id):
        state = import_store.lock_import(staff, import_id)
        for number, part in enumerate(parts):
            import_store.write_part(staff, import_id, number, PlannedPart(part))
        alike = {number: sum(bool(row.alike) for row in part) for number, part in enumerate(parts)}
        state = replace(state, alike={number: count for number, count in alike.items() if count})
        state = replace(state, step=READY, parts=len(parts), group=staff.keys.teams[0].group)
        import_store.save_state(staff, import_id, state)
    return import_id


def work_to_rest(staff: Staff, import_id: UUID) -> ImportState:
    """Do all steps of an import in this process."""
    work = steps.Work()
    while (state := steps.advance(staff, import_id, work)).step in AT_WORK and not state.paused:
        pass
    return state


def run_import(staff: Staff, plans: Sequence[RowPlan | CheckedRow], *, size: int = 5) -> tuple[UUID, ImportState]:
    """A whole import of these rows."""
    import_id = checked_import(staff, plans, size=size)
    imports.start_saving(staff, import_id)
    return import_id, work_to_rest(staff, import_id)


def with_case(plan: RowPlan, **fields: Any) -> RowPlan:
    """The row with other facts of its case."""
    assert plan.case is not None
    return replace(plan, case=replace(plan.case, **fields))


def with_person(plan: RowPlan, **fields: Any) -> RowPlan:
    """The row with other facts of its client."""
    assert plan.person is not None
    return replace(plan, person=replace(plan.person, **fields))


def case_of(result: RowResult) -> UUID:
    """The case of a row that has one."""
    assert result.case_id is not None
    return result.case_id


def results_of(staff: Staff, import_id: UUID) -> list[RowResult]:
    """What became of each row."""
    parts = import_store.read_parts(staff, import_id)
    return [result for _, part in parts if isinstance(part, SavedPart) for result in part.results]
