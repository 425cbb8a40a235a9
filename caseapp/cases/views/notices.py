"""The page that records a notice or event."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.cases.forms.notices import NoticeForm
from caseapp.deadlines.services import notices, what_if
from caseapp.ui.display.case_header import case_head, client_choices
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def record_notice(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Record a notice or event; its deadlines follow. `look` only searches the list."""
    staff = request.staff
    file = open_case_file(request, case_id)
    form = NoticeForm(
        posted_data(request),
        packs=what_if.packs_in_use(staff),
        persons=client_choices(file, is_covered=staff.covered),
    )
    context = {"page": case_head(file), "total": form.total}
    if form.is_only_shown:
        form.errors.clear()  # the list or the questions are new: nothing is missing yet
        return render(request, "cases/notice.html", {"form": form, **context})
    if form.is_valid():
        done = try_action(form, lambda: notices.record_event(staff, case_id, form.new_notice()))
        if done:
            did = "notice-recorded-passed" if done.value.has_passed else "notice-recorded"
            return see_other(case_path(case_id), did)
    return render_form(request, "cases/notice.html", form, context)
