"""Upkeep in a test: a round of all jobs at once inside the request, in place of the thread."""

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.upkeep import background, registry
from caseapp.casefile.upkeep import run as upkeep
from caseapp.casefile.upkeep.registry import UpkeepReport


def take_one_round(staff: Staff, seconds: float = background.STEP) -> UpkeepReport:
    """Let each job take one step. Return the results."""
    report = UpkeepReport()
    for job in registry.registered_jobs():
        upkeep.take_step(job, staff, seconds, report)
    return report


def begin_visit(token: str, staff: Staff) -> None:
    """What opening Today does in tests that are not about the thread."""
    take_one_round(staff)


def forget_visits() -> None:
    """Forget what this process knows of failures and finished visits."""
    with upkeep._guard:
        upkeep._failed.clear()
    with background._guard:
        background._settled.clear()
