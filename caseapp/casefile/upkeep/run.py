"""One step of an upkeep job. A job that fails is logged and remembered for the pages, and stops no other."""

import logging
import threading
from typing import Any
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepReport, UpkeepTurn

log = logging.getLogger("caseapp.casefile")
Member = tuple[UUID, UUID]  # office, member
_failed: dict[Member, set[str]] = {}  # names of the jobs whose last step in this process raised
_guard = threading.Lock()


def take_step(job: UpkeepJob[Any], staff: Staff, seconds: float, report: UpkeepReport) -> bool:
    """Take one step of a job, outside of any transaction, and return whether the job needs another in this visit."""
    member = staff.org_id, staff.member_id
    try:
        result = job.work(UpkeepTurn(staff, seconds, report))
    except Exception as exc:
        log_failure("Today", job.name, exc)
        remember_outcome(member, job.name, has_failed=True)
        return False
    report.add(job, result)
    remember_outcome(member, job.name, has_failed=False)
    return job.has_more is not None and job.has_more(result)


def remember_outcome(member: Member, name: str, *, has_failed: bool) -> None:
    """Remember whether the last step of this name failed, for the pages of this process."""
    with _guard:
        names = _failed.setdefault(member, set())
        if has_failed:
            names.add(name)
        else:
            names.discard(name)
        if not names:
            del _failed[member]


def has_failed(staff: Staff) -> bool:
    """Return whether the last step of some job of this member raised in this process."""
    with _guard:
        return (staff.org_id, staff.member_id) in _failed


def log_failure(page: str, job_name: str, exc: Exception) -> None:
    """Log that a job failed which ran because a page was opened: type and code location, never a value."""
    log.error("upkeep.failed page=%s job=%s %s", page, job_name, exc)
