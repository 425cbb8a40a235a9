"""The page that computes deadlines without a case."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.deadlines.forms.what_if import WhatIfForm
from caseapp.deadlines.pages.what_if import answers_of
from caseapp.deadlines.services import what_if as preview
from caseapp.ui.forms.form_saving import attempt, shown, typed
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WHAT_IF = "deadlines/what-if.html"


@staff_view(methods=["GET", "POST"])
def what_if(request: StaffRequest) -> HttpResponse:
    """Compute deadlines from entered dates. POST computes and stores nothing."""
    staff = request.staff
    book, files_electronically = preview.ways_of(staff)
    start = {"zone": staff.zone, "electronic": files_electronically}
    form = WhatIfForm(typed(request), initial=start, book=book)
    context: dict[str, Any] = {}
    if form.is_only_shown:
        form.errors.clear()  # the list or the date fields are new: nothing is missing yet
        return render(request, WHAT_IF, {"form": form, "total": form.total})
    if form.is_valid():
        done = attempt(form, lambda: preview.what_if(staff, **form.values()))
        if done:
            context["answers"] = answers_of(done.value)
    return shown(request, WHAT_IF, form, {"total": form.total, **context})
