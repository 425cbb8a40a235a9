"""The page "Recent changes" of a case: undo of a save for 30 days."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.cases.pages.changes import changes_page
from caseapp.cases.services import undo
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


class UndoForm(forms.Form):
    """The save to take back, and the state of the case for which its effect was shown."""

    change = forms.RegexField(r"^[0-9a-f]{32}$", max_length=32)
    state = forms.IntegerField(min_value=0, max_value=2**62)


@staff_view(methods=["GET", "POST"])
def show_changes(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the saves of the last 30 days with what an undo takes back. POST takes one back."""
    staff, file = request.staff, open_case_file(request, case_id)
    refusal = ""
    if request.method == "POST":
        form = UndoForm(request.POST)
        if not form.is_valid():
            raise NotFound("undo without a change")
        try:
            undo.undo_saved_change(staff, case_id, form.cleaned_data["change"], head_version=form.cleaned_data["state"])
            return see_other(reverse("cases:changes", args=[case_id]), "change-taken-back")
        except Refused as exc:
            refusal = translate_refusal(exc)
            file = open_case_file(request, case_id)  # the case may have changed since: show its newest state
    page = changes_page(staff, file, names_of(colleagues_of(staff.keys, file)))
    context = {"page": page.head, "changes": page, "refusal": refusal}
    return render(request, "cases/changes.html", context, status=422 if refusal else 200)
