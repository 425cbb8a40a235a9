"""Cases that a page opens. Each is recorded in the audit trail with the response, in the same transaction.

A saved form is one entry, the change itself (`casefile.transaction`); a form shown again is a view of the case.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http.response import HttpResponseBase

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, open_case
from caseapp.vault.store import SealedFile

if TYPE_CHECKING:
    from caseapp.ui.requests.staff_request import StaffRequest


def open_case_file(request: "StaffRequest", case_id: UUID) -> SealedFile:
    """Return the file of a case for a `staff_view`, and note it for the audit. Raises NotFound, OpenFailed."""
    file = case_access.open_case(request.staff.keys, case_id)
    request.opened_cases[file.id] = file
    return file


def open_case_file_of_record(request: "StaffRequest", record_id: UUID) -> SealedFile:
    """Return the file of the case that contains a record. Raises NotFound, OpenFailed."""
    return open_case_file(request, case_access.find_case_id(request.staff.keys, record_id))


def record_case_views(request: "StaffRequest", staff: Staff, response: HttpResponseBase) -> None:
    """Record one audit entry for each case that the response shows.

    The caller is in the office's transaction.
    """
    if request.method == "POST" and response.status_code in {302, 303}:
        return
    for file in request.opened_cases.values():
        open_case.record_view(staff, file, directory_version=members.version_just_read(staff.keys))
