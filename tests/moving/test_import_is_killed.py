"""An import whose process is killed again and again gives the same office as one that nothing disturbs."""

import random
from collections.abc import Iterator
from uuid import UUID

import pytest

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sign_in
from caseapp.index import reader
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store
from caseapp.moving.services.importing.shapes import DONE, UNDONE
from caseapp.records.note import Note
from caseapp.tools.bench.moves.import_worker import KillableWorker
from caseapp.tools.bench.moves.office_digest import content_digest, whole_digest
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.moving.importing_world import broken_plan, case_plan, checked_import, results_of, work_to_rest

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, KILLS = 36, 20


@pytest.fixture
def worker() -> Iterator[KillableWorker]:
    started = KillableWorker()
    yield started
    started.end()


def rows() -> list[RowPlan]:
    """Cases, restricted ones among them, a broken row, and notes of cases that come before them."""
    plans = [case_plan(n, relief=("u",) if n % 9 == 5 else ("family",)) for n in range(ROWS)]
    plans[7] = broken_plan(7)
    for number in range(0, ROWS, 6):
        ids = {"legalserver": f"26-{number:07d}"}
        plans.append(RowPlan(row=100 + number, kind="note", case_keys=ids, notes=(Note(text=f"Later {number}."),)))
    return plans


def start(staff: Staff) -> UUID:
    import_id = checked_import(staff, rows(), size=3)
    imports.start_saving(staff, import_id)
    return import_id


def kill_at_random(worker: KillableWorker, token: str, staff: Staff, import_id: UUID, at_rest: str) -> int:
    """Kill the worker of an import at random moments, then let it end. Return how often it was killed at work."""
    chance, killed = random.Random(23), 0  # moments of a test, no secrets
    for number in range(KILLS):  # the first ones soon, so that a fast machine does not end it in two turns
        worker.work(token, import_id, kill_after=chance.uniform(0.005, 0.02 + 0.015 * number))
        killed += import_store.open_import(staff, import_id).step != at_rest
    worker.work(token, import_id)
    assert import_store.open_import(staff, import_id).step == at_rest
    return killed


def test_an_import_killed_at_twenty_points_gives_what_an_undisturbed_one_gives_and_its_undo_too(
    worker: KillableWorker,
) -> None:
    calm = cast.found()
    work_to_rest(calm, start(calm))
    staff = cast.found(name="Nilofar Karimi", email="nilofar@elsewhere.test")
    before = whole_digest(staff)
    token = sign_in.sign_in("nilofar@elsewhere.test", cast.WORDS).token
    import_id = start(staff)
    assert kill_at_random(worker, token, staff, import_id, DONE) >= 3
    staff = cast.signed_in("nilofar@elsewhere.test")  # with the keys of the restricted group that the worker made
    assert content_digest(staff) == content_digest(calm)
    state = import_store.open_import(staff, import_id)
    assert state.counts == {"opened": ROWS - 1, "rejected": 1, "added": ROWS // 6}
    assert len(state.walls) == 1
    assert len(results_of(staff, import_id)) == ROWS + ROWS // 6
    imports.start_undo(staff, import_id)
    kill_at_random(worker, token, staff, import_id, UNDONE)
    assert whole_digest(staff) == before
    with office_transaction(staff.org_id):
        assert not list(reader.open_view(staff.keys).all_rows())
