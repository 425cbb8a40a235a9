"""Reading the rows of a file, and looking for the person of each in the cases that the member can open."""

from collections.abc import Iterator

from caseapp.accounts.keys.staff import Staff
from caseapp.index import reader
from caseapp.index.likeness import ASK_FROM, identity_of
from caseapp.index.view import IndexView
from caseapp.moving.reading.files.table import open_table
from caseapp.moving.reading.plans.planning import plan_rows
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.reading.plans.survey import survey_table
from caseapp.moving.services.importing import sources
from caseapp.moving.services.importing.shapes import NAMES_KEPT, AlikeCase, CheckedRow, ImportState
from caseapp.vault.tenancy import office_transaction

ALIKE_KEPT = 3  # cases that may be about the same person, of one row


def read_rows(staff: Staff, state: ImportState) -> Iterator[RowPlan]:
    """Yield the rows of the file that were not checked yet, in order. Raises UnreadableFile."""
    if state.mapping is None:
        return
    with sources.open_source(staff, state) as stream:
        table = open_table(stream, state.settings)
        survey = survey_table(table, state.mapping, state.answers)
        for plan in plan_rows(table, state.mapping, state.answers, survey):
            if plan.row > state.read_to:
                yield plan


def find_alike(staff: Staff, plans: tuple[RowPlan, ...]) -> tuple[CheckedRow, ...]:
    """Return the rows with the cases that may be about the same person, in transactions of their own."""
    with office_transaction(staff.org_id):
        view = reader.open_readable_view(staff.keys, zone=staff.zone)
        return tuple(CheckedRow(plan=plan, alike=_alike(view, plan)) for plan in plans)


def _alike(view: IndexView, plan: RowPlan) -> tuple[AlikeCase, ...]:
    if plan.status != "new" or plan.person is None:
        return ()
    alike = view.find_alike(identity_of(plan.person), limit=ALIKE_KEPT)
    return tuple(
        AlikeCase(
            item.case_id,
            item.row.ref,
            item.names[0] if item.names else "",
            item.likeness.degree,
            tuple((reason.code, reason.mine, reason.theirs) for reason in item.likeness.reasons_for),
            tuple((reason.code, reason.mine, reason.theirs) for reason in item.likeness.reasons_against),
        )
        for item in alike
        if item.likeness.score >= ASK_FROM
    )


def count_rows(counts: dict[str, int], rows: tuple[CheckedRow, ...]) -> dict[str, int]:
    """Return the counts of a check with these rows: by status, and how many are alike to a case that is here."""
    after = dict(counts)
    for row in rows:
        for name in (f"check.{row.plan.status}", *(("check.alike",) if row.alike else ())):
            after[name] = after.get(name, 0) + 1
    return after


def count_names(names: dict[str, int], rows: tuple[CheckedRow, ...]) -> dict[str, int]:
    """Return how often each member is named, with these rows; of a file that names very many, the first."""
    after = dict(names)
    for row in rows:
        for member in row.plan.members if row.plan.status == "new" else ():
            if member.name in after or len(after) < NAMES_KEPT:
                after[member.name] = after.get(member.name, 0) + 1
    return after
