"""Upkeep of another process ends with the session: after a lock, a sign-out, a removal, a lock-down. No key stays."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.members import lockdown
from caseapp.accounts.signin import sessions
from caseapp.team.services import removal
from tests.helpers.two_offices import Worker, signed_in
from tests.helpers.upkeep_process import UpkeepProcess
from tests.team.test_members import member

pytestmark = pytest.mark.django_db(transaction=True)
PROMISED = 60  # seconds after which no key is left


@pytest.fixture(scope="module")
def process(django_db_setup: None) -> Iterator[UpkeepProcess]:
    started = UpkeepProcess()
    yield started
    started.end()


def token_of(worker: Worker) -> str:
    return worker.client.cookies[settings.SESSION_COOKIE].value


def _lock(colleague: Worker, admin: Worker) -> None:
    sessions.lock(token_of(colleague))


def _sign_out(colleague: Worker, admin: Worker) -> None:
    sessions.end(token_of(colleague))


def _remove(colleague: Worker, admin: Worker) -> None:
    removal.remove_member(admin.staff, colleague.staff.member_id)


def _lock_down(colleague: Worker, admin: Worker) -> None:
    lockdown.begin(admin.staff)


@pytest.mark.parametrize("end", [_lock, _sign_out, _remove, _lock_down])
def test_no_step_is_taken_and_no_key_is_left(
    end: Callable[[Worker, Worker], None], process: UpkeepProcess, db: None
) -> None:
    admin = signed_in("Ana Ruiz", "ana@office.test")
    colleague = member(admin.staff, CASEWORKER)
    before = process.state()["steps"]
    process.visit(token_of(colleague))
    process.wait_until(seconds=PROMISED, steps=before + 3)
    assert process.state()["members"] == 1
    end(colleague, admin)
    ended = process.wait_until(seconds=PROMISED, members=0, visits=0, keyrings=0)
    assert process.state()["steps"] == ended["steps"]


def test_an_admin_who_is_signed_in_during_a_lock_down_does_no_upkeep(process: UpkeepProcess, db: None) -> None:
    admin = signed_in("Ana Ruiz", "ana@office.test")
    before = process.state()["steps"]
    process.visit(token_of(admin))
    process.wait_until(seconds=PROMISED, steps=before + 1)
    lockdown.begin(admin.staff)
    process.wait_until(seconds=PROMISED, members=0, visits=0, keyrings=0)
