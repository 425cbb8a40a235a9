"""A case on a page. What was opened is written down when the answer is made, in the same transaction.

A form that was saved is one entry, the change (`casework/change.py`); one that is shown again is a look at the case.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http.response import HttpResponseBase

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, open_case
from caseapp.vault.store import SealedFile

if TYPE_CHECKING:
    from caseapp.ui.requests.staff_request import StaffRequest


def opened(request: "StaffRequest", case_id: UUID) -> SealedFile:
    """The case's file, for a `staff_view`. Raises NotFound, OpenFailed."""
    file = case_access.open_case(request.staff.keys, case_id)
    request.opened[file.id] = file
    return file


def opened_by(request: "StaffRequest", record_id: UUID) -> SealedFile:
    """The file of the case that a record stands in. Raises NotFound, OpenFailed."""
    return opened(request, case_access.case_of(request.staff.keys, record_id))


def write_down(request: "StaffRequest", staff: Staff, response: HttpResponseBase) -> None:
    """One entry for each case that the answer shows. The caller stands in the office's transaction."""
    if request.method == "POST" and response.status_code in {302, 303}:
        return
    for file in request.opened.values():
        open_case.seen(staff, file)
