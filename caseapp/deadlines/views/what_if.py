"""The page that computes deadlines without a case."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.deadlines.forms.what_if import WhatIfForm
from caseapp.deadlines.pages.what_if import birth_answers, what_if_answers
from caseapp.deadlines.services import what_if as preview
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WHAT_IF = "deadlines/what-if.html"


@staff_view(methods=["GET", "POST"])
def what_if(request: StaffRequest) -> HttpResponse:
    """Compute deadlines from entered dates. POST computes and stores nothing."""
    staff = request.staff
    book, files_electronically = preview.office_settings(staff)
    start = {"zone": staff.zone, "electronic": files_electronically}
    form = WhatIfForm(posted_data(request), initial=start, book=book, packs=preview.packs_in_use(staff))
    context: dict[str, Any] = {}
    if form.is_only_shown:
        form.errors.clear()  # the list or the date fields are new: nothing is missing yet
        return render(request, WHAT_IF, {"form": form, "total": form.total})
    if form.is_valid():
        done = try_action(form, lambda: preview.compute_dates(staff, **form.service_arguments()))
        if done and form.open_birth is not None:
            latest = try_action(form, lambda: preview.compute_dates(staff, **form.service_arguments(is_latest=True)))
            context["answers"] = birth_answers(done.value, latest.value if latest else (), form.open_birth)
        elif done:
            context["answers"] = what_if_answers(done.value)
    return render_form(request, WHAT_IF, form, {"total": form.total, **context})
