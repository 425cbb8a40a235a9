"""The upkeep jobs of every room and feature. Each app registers its own in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from caseapp.accounts.keys.staff import Staff

T = TypeVar("T")


@dataclass(frozen=True)
class UpkeepJob(Generic[T]):
    """One job.

    name           for the log, which says that it failed
    order          jobs run in ascending order
    work           does it for a member, in transactions of its own
    default        its result when it raised
    share          its part of the run's seconds; 0 for a job that is always short
    follows_page   the job runs after the page was rendered, which therefore does not show that it failed
    """

    name: str
    order: int
    work: Callable[["UpkeepTurn"], T]
    default: T
    share: float = 0.0
    follows_page: bool = False


@dataclass
class UpkeepReport:
    """The results of one run. `has_failed` is True when a job raised."""

    has_failed: bool = False
    _results: dict[str, object] = field(default_factory=dict)

    def add(self, job: UpkeepJob[T], result: T) -> None:
        """Store the result of a job."""
        self._results[job.name] = result

    def result_of(self, job: UpkeepJob[T]) -> T:
        """Return the result of a job; its default when it raised or did not run."""
        return cast(T, self._results.get(job.name, job.default))


@dataclass(frozen=True)
class UpkeepTurn:
    """The arguments of a job: the member, its seconds, and the results of the jobs before it."""

    staff: Staff
    seconds: float
    earlier: UpkeepReport


_jobs: dict[str, UpkeepJob[Any]] = {}


def register(*jobs: UpkeepJob[Any]) -> None:
    """Add jobs of a room or feature. Raises ValueError for a name that another job has."""
    for job in jobs:
        if _jobs.setdefault(job.name, job) is not job:
            raise ValueError(f"two upkeep jobs are named {job.name}")


def registered_jobs() -> list[UpkeepJob[Any]]:
    """Return all jobs in the order in which they run."""
    return sorted(_jobs.values(), key=lambda job: (job.order, job.name))
