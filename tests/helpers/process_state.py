"""What one process remembers, forgotten between tests: another test's office was rolled back with its rows."""

from caseapp.audit import write
from caseapp.casefile import access_alerts, open_case
from caseapp.deadlines.services.upkeep import consistency_check


def forget_audit_chains() -> None:
    """Start new chains of the audit trail in this thread."""
    write._thread_state.__init__()  # type: ignore[misc]  # resets the state of this thread


def forget_case_openings() -> None:
    """Forget who opened which case in the last hour, and the alerts about it."""
    with access_alerts._lock:
        access_alerts._opened.clear()
        access_alerts._alerted.clear()


def forget_case_views() -> None:
    """Forget the recent views of cases, so that the next one is recorded again."""
    with open_case._lock:
        open_case._recent_views.clear()


def forget_findings() -> None:
    """Forget the findings of the consistency check."""
    with consistency_check._lock:
        consistency_check._held.clear()
