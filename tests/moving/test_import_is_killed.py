"""An import whose process is killed again and again gives the same office as one that nothing disturbs."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.db import connection

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sign_in
from caseapp.index import reader
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store
from caseapp.moving.services.importing.shapes import DONE, UNDONE
from caseapp.records.note import Note
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.moving.importing_world import broken_plan, case_plan, checked_import, results_of, work_to_rest
from tests.moving.office_digest import content_digest, whole_digest

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
ROWS, KILLS = 36, 20


class Worker:
    """The process that forks workers."""

    def __init__(self) -> None:
        here = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()
        environment = {**os.environ, "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "caseapp.config.settings"}
        command = [sys.executable, "-m", "tests.moving.import_worker"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )
        assert self._line() == "ready"

    def work(self, token: str, import_id: UUID, *, kill_after: float | None = None) -> None:
        """Let a child work on an import until it is at rest, or kill it after some seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{token} {import_id}\n")
        self._process.stdin.flush()
        child = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it came to rest before
                os.kill(child, signal.SIGKILL)
        assert self._line().startswith("ended")

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
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


def kill_at_random(worker: Worker, token: str, staff: Staff, import_id: UUID, at_rest: str) -> int:
    """Kill the worker of an import at random moments, then let it end. Return how often it was killed at work."""
    chance, killed = random.Random(23), 0  # moments of a test, no secrets
    for number in range(KILLS):  # the first ones soon, so that a fast machine does not end it in two turns
        worker.work(token, import_id, kill_after=chance.uniform(0.005, 0.02 + 0.015 * number))
        killed += import_store.open_import(staff, import_id).step != at_rest
    worker.work(token, import_id)
    assert import_store.open_import(staff, import_id).step == at_rest
    return killed


def test_an_import_killed_at_twenty_points_gives_what_an_undisturbed_one_gives_and_its_undo_too(
    worker: Worker,
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
