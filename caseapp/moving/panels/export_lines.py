"""The notice on Today that the office is being exported: every member sees it."""

from dataclasses import dataclass
from datetime import datetime

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.moving.services.exporting import approvals
from caseapp.ui.display.colleagues import colleagues_of, names_of


@dataclass(frozen=True)
class ExportNotice:
    """An export of the office that waits or is open. `may_decide`: the reader can approve it or refuse it."""

    by: str
    asked_at: datetime
    reason: str
    is_open: bool
    may_decide: bool


def export_notice(staff: Staff) -> ExportNotice | None:
    """Return the notice, in the office's transaction; None where no export was asked for."""
    request = approvals.current_request(staff.keys)
    if request is None:
        return None
    return ExportNotice(
        by=names_of(colleagues_of(staff.keys)).get(request.by, ""),
        asked_at=request.asked_at,
        reason=request.reason,
        is_open=request.state == "open",
        may_decide=permissions.is_permitted(staff, "export_office"),
    )
