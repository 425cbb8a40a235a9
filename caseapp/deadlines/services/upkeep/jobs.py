"""The upkeep jobs of the deadlines: recomputing after a change of the law, and the daily consistency check."""

from typing import Final

from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.deadlines.services import recompute
from caseapp.deadlines.services.recompute import Bound, RecomputeProgress
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.deadlines.services.upkeep.consistency_check import ConsistencyReport


def _recompute_due_cases(turn: UpkeepTurn) -> RecomputeProgress:
    return recompute.recompute_due_cases(turn.staff, Bound(seconds=turn.seconds))


def _check_open_cases(turn: UpkeepTurn) -> ConsistencyReport:
    return consistency_check.check_open_cases(turn.staff, Bound(seconds=turn.seconds), stores_pass=True)


RECOMPUTE_DUE_CASES: Final = UpkeepJob(
    "computing again",
    30,
    _recompute_due_cases,
    RecomputeProgress(0, 0),
    has_more=lambda progress: not progress.is_whole,
)
CHECK_OPEN_CASES: Final = UpkeepJob(
    "the check", 60, _check_open_cases, ConsistencyReport((), 0, 0), has_more=lambda report: not report.is_whole
)


def register_jobs() -> None:
    """Register the jobs. Called once, when Django has loaded all models."""
    registry.register(RECOMPUTE_DUE_CASES, CHECK_OPEN_CASES)
