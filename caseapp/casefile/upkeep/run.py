"""One call for all upkeep: every registered job in its order, none of which stops another or the page."""

import logging

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepReport, UpkeepTurn

log = logging.getLogger("caseapp.casefile")


def run(staff: Staff, budget: float, *, after_page: UpkeepReport | None = None) -> UpkeepReport:
    """Run the registered jobs and return their results. Call this outside of any transaction.

    budget      seconds, divided among the jobs by their shares; a job that needs less leaves its rest unused
    after_page  the report of the first call for this page: runs the jobs that follow the page, which may read it
    """
    report = UpkeepReport() if after_page is None else after_page
    for job in registry.registered_jobs():
        if job.follows_page == (after_page is not None):
            try:
                report.add(job, job.work(UpkeepTurn(staff, budget * job.share, report)))
            except Exception as exc:
                log_failure("Today", job.name, exc)
                report.has_failed = True
    return report


def log_failure(page: str, job_name: str, exc: Exception) -> None:
    """Log that a job failed which ran while a page was opened: type and code location, never a value."""
    log.error("upkeep.failed page=%s job=%s %s", page, job_name, exc)
