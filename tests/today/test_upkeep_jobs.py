"""Each feature registers its upkeep jobs; opening Today lets all of them take turns, in their order."""

import logging
from collections.abc import Iterator
from functools import partial

import pytest

from caseapp.casefile.upkeep import background, registry
from caseapp.casefile.upkeep import run as upkeep
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.lib.errors import NotFound
from tests.helpers.two_offices import Worker
from tests.helpers.upkeep import take_one_round
from tests.today.test_upkeep_failures import FAILED, UPKEEP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
# The name in the log, in the order of turns, and whether one visit can have several steps of the job.
JOBS = [
    ("ends after a restore", False),
    ("tending lists", True),
    ("following the office's country", False),
    ("new keys", True),
    ("computing again", True),
    ("renewing rows", True),
    ("conflict index", True),
    ("conflict checks", False),
    ("stops", False),
    ("replies", False),
    ("the check", True),
    ("looking for reminders", True),
    ("planning on", False),
]


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that a test registers are gone after it."""
    monkeypatch.setattr(registry, "_jobs", dict(registry._jobs))


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the upkeep logs."""
    upkeep.log.addHandler(caplog.handler)
    with caplog.at_level(logging.ERROR):
        yield caplog
    upkeep.log.removeHandler(caplog.handler)


def test_every_feature_registered_its_jobs() -> None:
    registered = registry.registered_jobs()
    assert [(job.name, job.has_more is not None) for job in registered] == JOBS
    assert [(job.name, job.follows.name) for job in registered if job.follows] == [
        ("planning on", "looking for reminders")
    ]


def test_opening_today_runs_every_job_once_and_in_order(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    for module, name in UPKEEP:

        def noted(work: object, label: str, *args: object, **named: object) -> object:
            ran.append(label)
            return work(*args, **named)  # type: ignore[operator]  # any function

        monkeypatch.setattr(module, name, partial(noted, getattr(module, name), name))
    assert attorney.client.get("/").status_code == 200
    assert ran == [name for _module, name in UPKEEP]


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("problem", [NotFound("Hosseini"), KeyError("Hosseini")])
def test_a_job_that_raises_stops_neither_the_others_nor_the_page(
    attorney: Worker, problem: Exception, failures: pytest.LogCaptureFixture
) -> None:
    ran = []

    def fail(turn: UpkeepTurn) -> str:
        raise problem

    def work(turn: UpkeepTurn) -> str:
        ran.append(turn.seconds)
        return "done"

    failing = UpkeepJob("a job of a test", 1, fail, "not done")
    following = UpkeepJob("another", 2, work, "not done")
    registry.register(failing, following)
    page = attorney.client.get("/")
    assert page.status_code == 200
    assert FAILED in page.content.decode()
    assert ran == [background.STEP]
    assert "upkeep.failed page=Today job=a job of a test" in failures.text
    assert "Hosseini" not in failures.text
    report = take_one_round(attorney.staff)
    assert [report.result_of(failing), report.result_of(following)] == ["not done", "done"]


@pytest.mark.usefixtures("jobs")
def test_a_failure_is_shown_until_the_job_succeeds(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = iter([False, True, True])

    def work(turn: UpkeepTurn) -> None:
        assert next(outcomes)

    registry.register(UpkeepJob("a job of a test", 1, work, None))
    assert FAILED in attorney.client.get("/").content.decode()
    assert FAILED not in attorney.client.get("/").content.decode()
    assert FAILED not in attorney.client.get("/").content.decode()


@pytest.mark.usefixtures("jobs")
def test_a_job_reads_what_the_jobs_before_it_found(attorney: Worker) -> None:
    first = UpkeepJob("first", 1, lambda turn: attorney.staff.name, "")
    last = UpkeepJob("last", 2, lambda turn: turn.earlier.result_of(first) + "!", "", follows=first)
    registry.register(first, last)
    assert take_one_round(attorney.staff).result_of(last) == attorney.staff.name + "!"


@pytest.mark.usefixtures("jobs")
def test_two_jobs_cannot_have_one_name() -> None:
    registry.register(*registry.registered_jobs())  # again is no harm
    with pytest.raises(ValueError, match="two upkeep jobs are named stops"):
        registry.register(UpkeepJob("stops", 1, lambda turn: None, None))
