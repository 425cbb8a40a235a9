"""View model of the export of the office."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.moving.services.exporting import approvals
from caseapp.moving.services.exporting.approvals import ExportRequest
from caseapp.ui.display.colleagues import colleagues_of, names_of


@dataclass(frozen=True)
class RequestLine:
    """An export that was asked for, in words."""

    id: UUID
    by: str
    asked_at: datetime
    reason: str
    state: str
    is_alone: bool
    approved_by: str
    opens_at: datetime | None
    closes_at: datetime
    is_mine: bool


@dataclass(frozen=True)
class OfficeExportPage:
    """Content of the page: the export that waits or is open, and the earlier ones, newest first."""

    current: RequestLine | None
    earlier: tuple[RequestLine, ...]


def office_export_page(staff: Staff) -> OfficeExportPage:
    """Return the page, in the office's transaction."""
    names = names_of(colleagues_of(staff.keys))
    lines = [_request_line(request, staff, names) for request in approvals.list_requests(staff.keys)]
    current = next((line for line in lines if line.state in {"waiting", "open"}), None)
    return OfficeExportPage(current, tuple(line for line in lines if line is not current))


def _request_line(request: ExportRequest, staff: Staff, names: Mapping[UUID, str]) -> RequestLine:
    return RequestLine(
        id=request.id,
        by=names.get(request.by, ""),
        asked_at=request.asked_at,
        reason=request.reason,
        state=request.state,
        is_alone=request.is_alone,
        approved_by=names.get(request.approved_by, "") if request.approved_by else "",
        opens_at=request.opens_at,
        closes_at=request.closes_at,
        is_mine=request.by == staff.member_id,
    )
