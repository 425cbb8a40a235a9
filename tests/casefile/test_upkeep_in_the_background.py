"""Upkeep in the thread of a web process: members take turns, the thread rests, and a page does not wait for it."""

import threading
from collections import deque
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.signin import sessions
from caseapp.casefile.upkeep import background, registry
from caseapp.casefile.upkeep import run as upkeep
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from tests.helpers.two_offices import Worker, signed_in
from tests.team.test_members import member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.upkeep_thread,
    pytest.mark.usefixtures("frozen", "_ended"),
]
LONG = 30  # seconds for which a test waits at most


@pytest.fixture
def _ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The jobs and rests of a test, and a thread that ended when it is over."""
    monkeypatch.setattr(registry, "_jobs", {})
    yield
    with background._guard:
        background._visits.clear()
    for thread in threading.enumerate():
        if thread.name == "upkeep":
            thread.join(timeout=LONG)
            assert not thread.is_alive()


@pytest.fixture
def attorney(db: None, frozen: None) -> Worker:
    return signed_in("Ana Ruiz", "ana@office.test")


def token_of(worker: Worker) -> str:
    return worker.client.cookies[settings.SESSION_COOKIE].value


def wait_for_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "upkeep":
            thread.join(timeout=LONG)


class Rests:
    """The rests of the thread, which a test does not wait for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds: list[float] = []
        monkeypatch.setattr(f"{background.__name__}.sleep", self.seconds.append)


def test_opening_today_does_not_wait_for_a_job(attorney: Worker) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work(turn: UpkeepTurn) -> None:
        assert may_end.wait(LONG)
        ended.set()

    registry.register(UpkeepJob("a long job", 1, work, None))
    assert attorney.client.get("/").status_code == 200
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(LONG)


def test_beginning_a_visit_makes_no_statement_in_the_request(
    attorney: Worker, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registry.register(UpkeepJob("a job", 1, lambda turn: None, None))
    with django_assert_num_queries(0):
        background.begin_visit(token_of(attorney), attorney.staff)


def test_a_step_runs_in_the_thread_and_outside_of_a_transaction(attorney: Worker) -> None:
    seen: list[tuple[str, bool]] = []

    def work(turn: UpkeepTurn) -> None:
        seen.append((threading.current_thread().name, connection.in_atomic_block))

    registry.register(UpkeepJob("a job", 1, work, None))
    attorney.client.get("/")
    wait_for_end()
    assert seen == [("upkeep", False)]


def test_a_job_with_more_to_do_has_further_steps_and_those_that_follow_it_too(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rests(monkeypatch)
    ran: list[str] = []
    left = [3, 2, 1]

    def work(turn: UpkeepTurn) -> int:
        ran.append("counting")
        return left.pop()

    def follow(turn: UpkeepTurn) -> None:
        ran.append(f"after {turn.earlier.result_of(counting)}")

    counting = UpkeepJob("counting", 1, work, 0, has_more=lambda result: result < 3)
    registry.register(
        counting,
        UpkeepJob("following", 2, follow, None, follows=counting),
        UpkeepJob("short", 3, lambda turn: ran.append("short"), None),
    )
    attorney.client.get("/")
    wait_for_end()
    assert ran == ["counting", "after 1", "short", "counting", "after 2", "counting", "after 3"]


def test_the_thread_rests_three_times_as_long_as_it_worked(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    rests, now = Rests(monkeypatch), [1000.0]
    monkeypatch.setattr(f"{background.__name__}.monotonic", lambda: now[0])
    seconds = deque([0.2, 0.5, 40.0])

    def work(turn: UpkeepTurn) -> bool:
        now[0] += seconds.popleft()
        return bool(seconds)

    registry.register(UpkeepJob("a job", 1, work, default=False, has_more=bool))
    background.begin_visit(token_of(attorney), attorney.staff)
    wait_for_end()
    assert [round(rest, 6) for rest in rests.seconds] == [0.6, 1.5, background.LONGEST_REST]


def test_members_take_turns_and_each_has_one_visit_at_a_time(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    Rests(monkeypatch)
    colleague = member(attorney.staff, CASEWORKER)
    turns: list[str] = []
    may_begin = threading.Event()

    def work(turn: UpkeepTurn) -> bool:
        assert may_begin.wait(LONG)
        turns.append(turn.staff.name)
        return len(turns) < 6

    registry.register(UpkeepJob("a job", 1, work, default=False, has_more=bool))
    for worker in (attorney, colleague, attorney, attorney, colleague):
        background.begin_visit(token_of(worker), worker.staff)
    may_begin.set()
    wait_for_end()
    assert turns == [attorney.staff.name, colleague.staff.name] * 3 + [attorney.staff.name]


def test_a_finished_visit_is_not_begun_again_at_once(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    Rests(monkeypatch)
    now, ran = [1000.0], []
    monkeypatch.setattr(f"{background.__name__}.monotonic", lambda: now[0])
    registry.register(UpkeepJob("a job", 1, lambda turn: ran.append(now[0]), None))
    for at in (1000.0, 1000.0 + background.SETTLED - 1, 1000.0 + background.SETTLED):
        now[0] = at
        background.begin_visit(token_of(attorney), attorney.staff)
        wait_for_end()
    assert ran == [1000.0, 1000.0 + background.SETTLED]


def test_a_visit_ends_after_its_time_and_a_token_that_was_not_checked_is_dropped(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rests(monkeypatch)
    now, ran = [1000.0], []
    monkeypatch.setattr(f"{background.__name__}.monotonic", lambda: now[0])

    def work(turn: UpkeepTurn) -> None:
        now[0] += background.VISIT / 3
        ran.append(now[0])

    registry.register(UpkeepJob("a job", 1, work, None, has_more=lambda _: True))
    background.begin_visit(token_of(attorney), attorney.staff)
    wait_for_end()
    assert len(ran) == 3
    waiting = background.Visit((attorney.staff.org_id, attorney.staff.member_id), "token", now[0] + 900, now[0])
    background._visits.append(waiting)
    now[0] += background.UNCHECKED
    assert background._next_visit() is None


def test_more_members_than_fit_wait_for_their_next_opening_of_today(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_VISITS", 0)
    ran: list[int] = []
    registry.register(UpkeepJob("a job", 1, lambda turn: ran.append(1), None))
    assert attorney.client.get("/").status_code == 200
    wait_for_end()
    assert ran == []
    monkeypatch.setattr(background, "MOST_VISITS", 1)
    attorney.client.get("/")
    wait_for_end()
    assert ran == [1]


def test_a_failure_in_the_thread_is_logged_and_shown_and_stops_no_other_job(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rests(monkeypatch)
    ran: list[int] = []

    def fail(turn: UpkeepTurn) -> None:
        raise KeyError("Hosseini")

    registry.register(UpkeepJob("failing", 1, fail, None), UpkeepJob("other", 2, lambda turn: ran.append(1), None))
    attorney.client.get("/")
    wait_for_end()
    assert ran == [1]
    assert "A background task did not finish." in attorney.client.get("/").content.decode()


def test_a_session_that_cannot_be_opened_is_a_failure_and_the_next_visit_goes_on(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rests(monkeypatch)
    ran: list[int] = []
    registry.register(UpkeepJob("a job", 1, lambda turn: ran.append(1), None))

    def fail(*_: object, **__: object) -> None:
        raise OSError("Hosseini")

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "open", fail)
        background.begin_visit(token_of(attorney), attorney.staff)
        wait_for_end()
    assert upkeep.has_failed(attorney.staff)
    background.begin_visit(token_of(attorney), attorney.staff)
    wait_for_end()
    assert ran == [1]
    assert not upkeep.has_failed(attorney.staff)
