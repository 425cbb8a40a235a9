"""Each feature registers its upkeep jobs; opening Today runs all of them with one call, in their order."""

import logging
from collections.abc import Iterator
from functools import partial

import pytest

from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep import run as upkeep
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.lib.errors import NotFound
from caseapp.today import views
from tests.helpers.two_offices import Worker
from tests.today.test_upkeep_failures import FAILED, UPKEEP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
# The name in the log and the seconds of one request, in the order in which the jobs run.
JOBS = [
    ("marking what was seen", 0),
    ("ends after a restore", 0),
    ("tending lists", 0),
    ("following the office's country", 0),
    ("new keys", 0.15),
    ("computing again", 0.5),
    ("renewing rows", 0.2),
    ("conflict index", 0.1),
    ("conflict checks", 0),
    ("stops", 0),
    ("replies", 0),
    ("the check", 0.3),
    ("looking for reminders", 0),
    ("planning on", 0),
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


def test_every_feature_registered_its_jobs_with_their_seconds() -> None:
    registered = registry.registered_jobs()
    assert [(job.name, round(views.UPKEEP_BUDGET * job.share, 6)) for job in registered] == JOBS
    assert sum(job.share for job in registered) == pytest.approx(1)
    assert [job.name for job in registered if job.follows_page] == ["planning on"]


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
    following = UpkeepJob("another", 2, work, "not done", share=0.5)
    registry.register(failing, following)
    page = attorney.client.get("/")
    assert page.status_code == 200
    assert FAILED in page.content.decode()
    assert ran == [views.UPKEEP_BUDGET / 2]
    assert "upkeep.failed page=Today job=a job of a test" in failures.text
    assert "Hosseini" not in failures.text
    report = upkeep.run(attorney.staff, 2)
    assert report.has_failed
    assert [report.result_of(failing), report.result_of(following)] == ["not done", "done"]


@pytest.mark.usefixtures("jobs")
def test_a_job_after_the_page_reads_what_the_jobs_before_it_found(attorney: Worker) -> None:
    first = UpkeepJob("first", 1, lambda turn: attorney.staff.name, "")
    last = UpkeepJob("last", 2, lambda turn: turn.earlier.result_of(first) + "!", "", follows_page=True)
    registry.register(first, last)
    report = upkeep.run(attorney.staff, 0)
    assert report.result_of(last) == "", "it waits for the page"
    assert upkeep.run(attorney.staff, 0, after_page=report).result_of(last) == attorney.staff.name + "!"


@pytest.mark.usefixtures("jobs")
def test_two_jobs_cannot_have_one_name() -> None:
    registry.register(*registry.registered_jobs())  # again is no harm
    with pytest.raises(ValueError, match="two upkeep jobs are named stops"):
        registry.register(UpkeepJob("stops", 1, lambda turn: None, None))
