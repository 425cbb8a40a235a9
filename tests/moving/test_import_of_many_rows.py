"""An import of many rows, 3 % of them broken. `CASEAPP_IMPORT_ROWS=20000` makes it the measured one of moving.md."""

import os
import time

from caseapp.moving.services import imports
from caseapp.moving.services.importing.shapes import ROWS_AT_ONCE, UNDONE
from caseapp.tools.bench.moves.office_digest import whole_digest
from tests.helpers.two_offices import Worker
from tests.moving.importing_world import broken_plan, case_plan, checked_import, results_of, work_to_rest

ROWS = int(os.environ.get("CASEAPP_IMPORT_ROWS", "300"))


def test_each_broken_row_of_many_is_named_and_the_rest_is_saved_and_undone(attorney: Worker) -> None:
    staff = attorney.staff
    before = whole_digest(staff)
    plans = [broken_plan(number) if number % 100 < 3 else case_plan(number) for number in range(ROWS)]
    import_id = checked_import(staff, plans, size=ROWS_AT_ONCE)
    began, cpu = time.monotonic(), time.process_time()
    imports.start_saving(staff, import_id)
    state = work_to_rest(staff, import_id)
    saved, cpu = time.monotonic(), time.process_time() - cpu
    broken = [plan.row for plan in plans if plan.status == "rejected"]
    assert state.counts == {"opened": ROWS - len(broken), "rejected": len(broken)}
    assert [item.row for item in results_of(staff, import_id) if item.result == "rejected"] == broken
    imports.start_undo(staff, import_id)
    undoing = time.monotonic()
    assert work_to_rest(staff, import_id).step == UNDONE
    undone = time.monotonic() - undoing
    print(
        f"{ROWS / (saved - began):.0f} rows/s saved ({ROWS / cpu:.0f} a CPU second), {ROWS / undone:.0f} rows/s undone"
    )
    assert whole_digest(staff) == before
