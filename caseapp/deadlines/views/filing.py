"""View that records the filing of a deadline, with its proof uploaded in the same form."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.casefile import case_access, open_case
from caseapp.casefile.file_storage import SealedBlob
from caseapp.deadlines.forms.filing import FilingForm
from caseapp.deadlines.pages.filing import filing_page
from caseapp.deadlines.services.filings import record_filing
from caseapp.documents.panels import document_choices
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.uploads.sealed_uploads import SealedUpload
from caseapp.ui.requests import form_requests
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

MESSAGES = {
    "sent": "filing-sent",
    "received": "filing-received",
    "rejected": "filing-rejected",
    "late": "filing-late",
}


@staff_stream(methods=["GET", "POST"], takes_files=True)
def record_deadline_filing(request: StaffRequest, deadline_id: UUID) -> HttpResponseBase:
    """Show and save a step of a deadline's filing. No transaction is open while the proof arrives."""
    staff = request.staff
    with office_transaction(staff.org_id):
        file, entry = _open(request, deadline_id)
    form = _bound_form(request, file, entry)
    problem = _upload_problem(request)
    if form.is_bound and problem:
        form.add_error("upload", problem)
    if form.is_bound and form.is_valid():
        saved = form_requests.answer_once(request, staff, lambda: _save_step(request, file.id, deadline_id, form))
        if saved is not None:
            return saved
    if form.is_bound and not problem and _uploads(request) and not form.is_valid():
        form.add_error("upload", _("Choose the file again: it was not kept."))
    return _render(request, deadline_id, form)


def _save_step(request: StaffRequest, case_id: UUID, deadline_id: UUID, form: FilingForm) -> HttpResponse | None:
    staff = request.staff
    step = form.build_step(staff.member_id, clock.now())
    version, uploads = form.cleaned_data["version"], _uploads(request)
    if not try_action(form, lambda: record_filing(staff, case_id, deadline_id, step, version=version, uploads=uploads)):
        return None
    return see_other(reverse("deadlines:deadline", args=[deadline_id]), MESSAGES[step.status])


def _open(request: StaffRequest, deadline_id: UUID) -> tuple[SealedFile, Entry[Deadline]]:
    keys = request.staff.keys
    file = case_access.open_case(keys, case_access.find_case_id(keys, deadline_id))
    return file, file.get(deadline_id, Deadline)


def _bound_form(request: StaffRequest, file: SealedFile, entry: Entry[Deadline]) -> FilingForm:
    papers = document_choices(file)
    # "Sent" leaves the deadline open with its reminders, so it is safe to begin with; what follows it is never guessed.
    status = "" if entry.record.filings else "sent"
    initial: dict[str, Any] = {"version": entry.version, "on": clock.today(request.staff.zone), "status": status}
    return FilingForm(posted_data(request), papers=papers, initial=initial)


def _uploads(request: StaffRequest) -> list[tuple[str, SealedBlob]]:
    uploads = cast("list[Any]", request.FILES.getlist("upload"))
    return [(upload.name or "", upload.blob) for upload in uploads if isinstance(upload, SealedUpload) and upload.size]


def _upload_problem(request: StaffRequest) -> str:
    """Return why the proof was not kept: too large, storage full, or empty; an empty text when it was."""
    problems: list[tuple[str, str]] = getattr(request, "upload_problems", [])
    if problems:
        return problems[0][1]
    is_empty = any(not upload.size for upload in request.FILES.getlist("upload"))
    return _("This file is empty. Scan or save it again.") if is_empty else ""


def _render(request: StaffRequest, deadline_id: UUID, form: FilingForm) -> HttpResponse:
    staff = request.staff
    with office_transaction(staff.org_id):
        file, entry = _open(request, deadline_id)
        open_case.record_view(staff, file)
        names = names_of(colleagues_of(staff.keys, file))
        page = filing_page(file, entry, names, zone=staff.zone)
        return render_form(request, "deadlines/filing.html", form, {"page": page})
