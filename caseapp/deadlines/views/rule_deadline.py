"""The page that adds a deadline from a rule to a case."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.deadlines.forms.rule_deadline import RuleDeadlineForm
from caseapp.deadlines.pages.rule_deadline import rule_deadline_preview
from caseapp.deadlines.services import rule_deadlines, what_if
from caseapp.lib import clock
from caseapp.records.deadline import Deadline, day_to_act
from caseapp.ui.display.case_header import case_head, client_choices
from caseapp.ui.display.colleagues import colleagues_of
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile

FROM_RULE = "deadlines/from-rule.html"


@staff_view(methods=["GET", "POST"])
def add_from_rule(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a deadline from a rule: POST shows the working first, and stores the dates once they were shown."""
    staff = request.staff
    file = open_case_file(request, case_id)
    form = _form_for(request, file)
    context: dict[str, Any] = {"page": case_head(file), "total": form.total}
    if form.is_only_shown:
        form.errors.clear()  # the list or the date fields are new: nothing is missing yet
        return render(request, FROM_RULE, {"form": form, **context})
    if form.is_valid():
        wanted = form.rule_deadline()
        preview = try_action(form, lambda: rule_deadlines.preview_rule_deadline(staff, wanted))
        if preview:
            is_saving = form.is_seen(preview.value)
            if is_saving and try_action(form, lambda: rule_deadlines.add_rule_deadline(staff, case_id, wanted)):
                return see_other(reverse("cases:case", args=[case_id]), _flash_code(preview.value, staff.zone))
            context["differs"] = bool(form.cleaned_data["seen"]) and not is_saving
            form.mark_seen(preview.value)
            context["preview"] = rule_deadline_preview(preview.value, clock.today(staff.zone))
    return render_form(request, FROM_RULE, form, context)


def _form_for(request: StaffRequest, file: SealedFile) -> RuleDeadlineForm:
    staff = request.staff
    book, files_electronically = what_if.office_settings(staff)
    return RuleDeadlineForm(
        posted_data(request),
        initial={"zone": staff.zone, "electronic": files_electronically},
        book=book,
        packs=what_if.packs_in_use(staff),
        team=colleagues_of(staff.keys, file),
        persons=client_choices(file, is_covered=staff.covered),
    )


def _flash_code(saved: Deadline, zone: str) -> str:
    on = day_to_act(saved)
    return "deadline-added-passed" if on is not None and on < clock.today(zone) else "deadline-added"
