"""The daily pass over a group's cases: members and processes share it, and only who has the group's key can move it."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection, transaction

from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.models import UpkeepPass
from caseapp.casefile.upkeep import passes, reminder_reconciliation
from caseapp.cases.services import cases
from caseapp.cli import upkeep_check
from caseapp.lib import clock
from caseapp.reminders.planning import outbox, plan
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker, signed_in
from tests.helpers.upkeep import take_one_round
from tests.helpers.upkeep_process import UpkeepProcess
from tests.team.test_members import member

pytestmark = pytest.mark.django_db(transaction=True)
CASES = 5
LONG = 60.0  # seconds, more than a step needs


@pytest.fixture
def attorney(db: None, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Ana with five cases whose plans are merged, and checks of two cases at once."""
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    monkeypatch.setattr(reminder_reconciliation, "AT_ONCE", 2)
    worker = signed_in("Ana Ruiz", "ana@office.test")
    for number in range(CASES):
        cases.open_case(worker.staff, cases.NewCase(name=f"Client {'ABCDE'[number]}"))
    with acting_as("clock"):
        outbox.merge()
    return worker


def check(staff: Staff) -> reminder_reconciliation.ReconcileResult:
    with office_transaction(staff.org_id):
        return reminder_reconciliation.reconcile(staff.keys, LONG)


def rows_of(staff: Staff, kind: str = passes.REMINDERS) -> list[UpkeepPass]:
    with office_transaction(staff.org_id):
        return list(UpkeepPass.objects.filter(org_id=staff.org_id, kind=kind, day__isnull=False))


def wait_for_row(staff: Staff, is_wanted: Callable[[UpkeepPass], bool]) -> None:
    """Wait until the pass of another process is as wanted, for a minute at most."""
    until = time.monotonic() + 60
    while not any(is_wanted(row) for row in rows_of(staff)):
        assert time.monotonic() < until, [(row.day, row.reached, row.whole_on) for row in rows_of(staff)]
        time.sleep(0.02)


def test_two_members_check_each_case_of_their_group_once(attorney: Worker) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    checked = [check(worker.staff).cases for worker in (attorney, colleague, attorney, colleague)]
    assert checked == [2, 2, 1, 0]
    assert check(attorney.staff).is_done
    assert [row.whole_on for row in rows_of(attorney.staff)] == [clock.now().date()]


def test_a_step_that_was_rolled_back_is_repeated(attorney: Worker) -> None:
    with office_transaction(attorney.staff.org_id):
        assert reminder_reconciliation.reconcile(attorney.staff.keys, LONG).cases == 2
        transaction.set_rollback(True)
    assert [check(attorney.staff).cases for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("forged", ["whole_on = now()::date", "reached = 'ffffffff-ffff-ffff-ffff-ffffffffffff'"])
def test_a_row_that_no_member_of_the_group_wrote_stops_no_check(attorney: Worker, forged: str) -> None:
    check(attorney.staff)
    with office_transaction(attorney.staff.org_id), connection.cursor() as thief:
        thief.execute(f"UPDATE casefile_pass SET {forged} WHERE kind = 'reminders'")
    assert [check(attorney.staff).cases for _ in range(4)] == [2, 2, 1, 0]


def test_a_pass_that_another_process_is_at_is_left_to_it_without_waiting(attorney: Worker) -> None:
    claimed, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with office_transaction(attorney.staff.org_id):
            reminder_reconciliation.reconcile(attorney.staff.keys, LONG)
            claimed.set()
            assert may_end.wait(30)
        connection.close()

    check(attorney.staff)
    other = threading.Thread(target=hold)
    other.start()
    assert claimed.wait(30)
    result = check(attorney.staff)
    may_end.set()
    other.join()
    assert (result.cases, result.is_done, result.is_busy, result.has_more) == (0, False, True, True)
    assert check(attorney.staff).is_done


def test_the_doctor_shows_the_last_whole_pass_of_each_list(attorney: Worker) -> None:
    today = clock.now().date().isoformat()
    assert "reminders all checked on no day yet (" in upkeep_check.check_upkeep()
    for _ in range(4):
        take_one_round(attorney.staff)
    shown = upkeep_check.check_upkeep()
    assert f"reminders all checked on {today} (" in shown
    assert f"dates all checked on {clock.today(attorney.staff.zone).isoformat()} (" in shown


@pytest.fixture
def processes() -> Iterator[list[UpkeepProcess]]:
    started: list[UpkeepProcess] = []
    yield started
    for process in started:
        process.end()


def test_a_killed_process_leaves_the_rest_of_the_pass_to_the_next_one(
    attorney: Worker, processes: list[UpkeepProcess]
) -> None:
    token = attorney.client.cookies[settings.SESSION_COOKIE].value
    processes.append(UpkeepProcess("all", "--at-once=1"))
    processes[0].visit(token)
    wait_for_row(attorney.staff, lambda row: row.reached is not None)
    os.kill(processes[0].process.pid, signal.SIGKILL)
    processes[0].process.wait()
    (reached,) = [row.reached for row in rows_of(attorney.staff)]
    assert reached is not None
    assert rows_of(attorney.staff)[0].whole_on is None
    processes.append(UpkeepProcess("all", "--at-once=1"))
    processes[1].visit(token)
    wait_for_row(attorney.staff, lambda row: row.whole_on == clock.now().date())
    audited = processes[1].state()["checked"]
    assert 0 < audited < CASES, "it did not begin anew"
