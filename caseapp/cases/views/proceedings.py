"""Views of the proceedings of a case."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from caseapp.cases.forms.proceedings import ProceedingForm
from caseapp.cases.services import proceedings
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.records.proceeding import Proceeding
from caseapp.ui.display import case_header
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import (
    differing_saved_values,
    has_conflict,
    is_edited_in_place,
    posted_data,
    render_form,
    render_in_place,
    try_action,
)
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def add_proceeding(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a proceeding, for all clients of the case."""
    file = open_case_file(request, case_id)
    form = ProceedingForm(posted_data(request))
    if form.is_valid():
        clients = sorted(entry.id for entry in file.entries_of(Party) if entry.record.role in CLIENT_ROLES)
        new = form.to_proceeding(Proceeding(forum="", parties=tuple(clients)))
        if try_action(form, lambda: proceedings.add_proceeding(request.staff, case_id, new)):
            return see_other(case_path(case_id), "proceeding-saved")
    return render_form(request, "cases/proceeding.html", form, {"page": case_header.case_head(file)})


@staff_view(methods=["GET", "POST"])
def edit_proceeding(request: StaffRequest, case_id: UUID, proceeding_id: UUID) -> HttpResponse:
    """Change a proceeding."""
    file = open_case_file(request, case_id)
    entry = file.get(proceeding_id, Proceeding)
    saved = ProceedingForm.initial_for(entry.record)
    initial = {**saved, "version": entry.version}
    if is_edited_in_place(request):
        fragment = ProceedingForm(initial=initial, auto_id=f"{proceeding_id.hex[:8]}_%s")
        return render_in_place(request, fragment, {"verb": _("Save proceeding"), "back": case_path(case_id)})
    form = ProceedingForm(posted_data(request), initial=initial)
    if form.is_valid():
        changed, version = form.to_proceeding(entry.record), form.cleaned_data["version"] or 0
        if try_action(
            form,
            lambda: proceedings.change_proceeding(request.staff, case_id, proceeding_id, changed, version=version),
        ):
            return see_other(case_path(case_id), "proceeding-saved")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    context = {"page": case_header.case_head(file), "stands": stands, "is_edit": True}
    return render_form(request, "cases/proceeding.html", form, context)
