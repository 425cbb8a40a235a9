"""Views of exports: one client's whole file, and the office."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from caseapp.accounts.signin import reauthentication
from caseapp.casefile import case_access, open_case
from caseapp.lib.errors import NotFound
from caseapp.moving.forms.exports import ArchiveForm, ReasonForm
from caseapp.moving.pages.closed_archives import close_archive
from caseapp.moving.pages.exports import office_export_page
from caseapp.moving.pages.readable import readable_files, readable_page_in
from caseapp.moving.services.exporting import age, approvals, client_file, office_archive
from caseapp.moving.views.archives import archive_response, chosen_lock
from caseapp.ui.display import case_header
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

DONE = {"ask": "export-asked", "approve": "export-approved", "end": "export-ended"}


# Not in one transaction: the archive is sent long after the case was read.
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def export_case(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """Download a client's whole file."""
    staff = request.staff
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        page = case_header.case_head(file)
    reauthentication.require(staff)
    form = ArchiveForm(posted_data(request))
    if form.is_valid() and (opened := try_action(form, lambda: client_file.open_client_file(staff, case_id))):
        pieces = client_file.stream_client_file(opened.value, readable_files(opened.value))
        lock = chosen_lock(form.cleaned_data)
        return archive_response(close_archive(pieces, f"case-{page.ref}", opened.value.at, **lock))
    with office_transaction(staff.org_id):
        open_case.record_view(staff, file)
    phrase = form.data.get("words") if form.is_bound else ""
    context = {"page": page, "phrase": phrase or age.new_phrase()}
    return render_form(request, "moving/export_case.html", form, context)


@staff_view(methods=["GET", "POST"])
def manage_office_export(request: StaffRequest) -> HttpResponse:
    """Ask for the export of the office, approve it, refuse it, or withdraw it."""
    staff = request.staff
    reauthentication.require(staff)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = ReasonForm(request.POST if act == "ask" else None)
    if request.method == "POST":
        if act not in DONE:
            raise NotFound("no such act")
        if act != "ask":
            _decide(request, act)
            return see_other(reverse("moving:export_office"), DONE[act])
        if form.is_valid() and try_action(form, partial(approvals.ask_for_export, staff, **form.cleaned_data)):
            return see_other(reverse("moving:export_office"), DONE[act])
    context = {"export": office_export_page(staff), "phrase": age.new_phrase(), "archive_form": ArchiveForm()}
    return render_form(request, "moving/export_office.html", form, context)


def _decide(request: StaffRequest, act: str) -> None:
    try:
        request_id = UUID(request.POST.get("request", ""))
    except ValueError as exc:
        raise NotFound("no id") from exc
    if act == "approve":
        approvals.approve_export(request.staff, request_id)
    else:
        approvals.end_request(request.staff, request_id)


# Not in one transaction: each case is read in one of its own, while the archive is sent.
@staff_stream(methods=["POST"], saves_in_steps=True)
def download_office(request: StaffRequest, request_id: UUID) -> HttpResponseBase:
    """Download the export of the office, by the admin who asked for it, while it is open."""
    staff = request.staff
    opened = approvals.require_open(staff, request_id)
    reauthentication.require(staff)
    form = ArchiveForm(request.POST)
    if not form.is_valid():
        with office_transaction(staff.org_id):
            context = {"export": office_export_page(staff), "archive_form": form}
        return render_form(request, "moving/export_office.html", form, {**context, "phrase": age.new_phrase()})
    pieces = office_archive.stream_office(
        office_archive.begin_office_export(staff),
        readable_page_in(translation.get_language() or "en", staff),
    )
    lock = chosen_lock(form.cleaned_data)
    return archive_response(close_archive(pieces, f"office-{opened.asked_at:%Y-%m-%d}", opened.asked_at, **lock))
