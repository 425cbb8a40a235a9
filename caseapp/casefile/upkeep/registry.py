"""The upkeep jobs of every room and feature. Each app registers its own in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from caseapp.accounts.keys.staff import Staff

T = TypeVar("T")


@dataclass(frozen=True)
class UpkeepJob(Generic[T]):
    """One job.

    name      for the log, which says that it failed
    order     jobs take turns in ascending order
    work      does one step of it for a member, in transactions of its own
    default   the result of a step that raised
    has_more  says by the result of a step if the job needs another one in this visit; None for a job of one step
    follows   the job reads the result of that one, and has a step after each of its steps
    """

    name: str
    order: int
    work: Callable[["UpkeepTurn"], T]
    default: T
    has_more: Callable[[T], bool] | None = None
    follows: "UpkeepJob[Any] | None" = None


@dataclass
class UpkeepReport:
    """The results of one round, in which each job has a step at most."""

    _results: dict[str, object] = field(default_factory=dict, repr=False)

    def add(self, job: UpkeepJob[T], result: T) -> None:
        """Store the result of a job."""
        self._results[job.name] = result

    def result_of(self, job: UpkeepJob[T]) -> T:
        """Return the result of a job; its default when it raised or did not run."""
        return cast(T, self._results.get(job.name, job.default))


@dataclass(frozen=True)
class UpkeepTurn:
    """The arguments of a step: the member, its seconds, and the results of the jobs before it in this round."""

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
    """Return all jobs in the order in which they take turns."""
    return sorted(_jobs.values(), key=lambda job: (job.order, job.name))
