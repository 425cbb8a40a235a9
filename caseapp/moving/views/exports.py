"""Views of exports: one client's whole file."""

from uuid import UUID

from django.http.response import HttpResponseBase

from caseapp.accounts.signin import reauthentication
from caseapp.casefile import case_access, open_case
from caseapp.moving.forms.exports import ArchiveForm
from caseapp.moving.pages.readable import readable_files
from caseapp.moving.services.exporting import age, client_file
from caseapp.moving.views.archives import archive_response
from caseapp.ui.display import case_header
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction


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
        return archive_response(pieces, f"case-{page.ref}", form.cleaned_data, opened.value.at)
    with office_transaction(staff.org_id):
        open_case.record_view(staff, file)
    phrase = form.data.get("words") if form.is_bound else ""
    context = {"page": page, "phrase": phrase or age.new_phrase()}
    return render_form(request, "moving/export_case.html", form, context)
