"""The steps Safety, Who, Conflict check, Situation, and Dates and documents. Each is saved separately."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.clients.panels.duplicates import read_answers
from caseapp.conflicts.services.checks import request_check
from caseapp.deadlines.services import what_if
from caseapp.intake.forms.start import SafetyForm
from caseapp.intake.forms.steps import DocumentDateForm, PriorOrderForm, SituationForm, WhoForm
from caseapp.intake.pages.duplicates import duplicate_lines
from caseapp.intake.pages.screening import tree_lines
from caseapp.intake.pages.steps import deadline_lines, intake_page, people_lines, prior_order_lines
from caseapp.intake.services import intakes
from caseapp.intake.services.intakes import CONFLICT, DATES, SAFETY, SITUATION, WHO
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.ui.forms.form_saving import (
    differing_saved_values,
    has_conflict,
    posted_data,
    render_form,
    try_action,
)
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile

PEOPLE_SHOWN = 12  # of the family and the other side, next to the form


def step_response(
    request: StaffRequest, file: SealedFile, step: str, form: forms.Form, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Render a step of an intake with its form."""
    page = intake_page(request.staff, file, step)
    return render_form(request, f"intake/{step}.html", form, {"page": page, **(context or {})})


def after_step(request: StaffRequest, case_id: UUID, following: str) -> HttpResponse:
    """Return to the queue after "Save and leave", else go to the step that follows."""
    if request.POST.get("go") == "leave":
        return see_other(reverse("intake:queue"), "intake-left")
    return see_other(reverse(f"intake:{following}", args=[case_id]), "intake-saved")


@staff_view(methods=["GET", "POST"])
def save_safety(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask whether we can talk, whether anyone is detained, and how to reach the person safely."""
    file = open_case_file(request, case_id)
    client, entry = intakes.client_of(file), intakes.intake_of(file)
    answers = entry.record.answers if entry is not None else {}
    saved = SafetyForm.initial_for(client.record, answers)
    form = SafetyForm(posted_data(request), initial={**saved, "version": client.version})
    if form.is_valid():
        first = form.first_facts(client.record, today=clock.today(request.staff.zone))
        version = form.cleaned_data["version"] or 0
        if try_action(form, lambda: intakes.save_safety(request.staff, case_id, first, version=version)):
            return after_step(request, case_id, WHO)
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return step_response(request, file, SAFETY, form, {"stands": stands})


@staff_view(methods=["GET", "POST"])
def save_who(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask who the person is, when they arrived, and who their family is. `go=more` returns for one more relative."""
    file = open_case_file(request, case_id)
    client = intakes.client_of(file)
    saved = WhoForm.initial_for(client.record, file.get_only(Case).record.referred_by)
    packs = what_if.packs_in_use(request.staff)
    form = WhoForm(posted_data(request), packs=packs, initial={**saved, "version": client.version})
    if form.is_valid() and try_action(
        form, lambda: intakes.save_who(request.staff, case_id, form.facts(client.record))
    ):
        return after_step(request, case_id, WHO if request.POST.get("go") == "more" else CONFLICT)
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return step_response(request, file, WHO, form, {"stands": stands, **_people_context(file)})


def _people_context(file: SealedFile) -> dict[str, object]:
    people = people_lines(file)
    href = reverse("cases:part", args=[file.id, "people"]) if len(people) > PEOPLE_SHOWN else ""
    return {"people": people[:PEOPLE_SHOWN], "people_total": len(people), "people_href": href}


@staff_view(methods=["GET", "POST"])
def check_conflict(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask for the conflict check, and show where it is. The intake goes on provisionally.

    `act` is check, alike (who may be the same person), or empty for going on.
    """
    file = open_case_file(request, case_id)
    form = forms.Form(posted_data(request))
    if form.is_valid():
        if request.POST.get("act") == "check":
            if try_action(form, lambda: request_check(request.staff, case_id)):
                return see_other(reverse("intake:conflict", args=[case_id]), "intake-checked")
        elif request.POST.get("act") == "alike":
            answers = read_answers(request.POST)
            if try_action(form, lambda: intakes.decide_duplicates(request.staff, case_id, answers)):
                return see_other(reverse("intake:conflict", args=[case_id]), "intake-saved")
        elif try_action(form, lambda: intakes.mark_saved(request.staff, case_id, CONFLICT)):
            return after_step(request, case_id, SITUATION)
    return step_response(request, file, CONFLICT, form, {"duplicates": duplicate_lines(request.staff, file)})


@staff_view(methods=["GET", "POST"])
def save_situation(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask what the person needs, and lead to the screening questions."""
    file = open_case_file(request, case_id)
    entry = intakes.intake_of(file)
    relief = file.get_only(Case).record.relief
    initial = {"about": entry.record.answers.get("about", "") if entry is not None else "", "relief": list(relief)}
    form = SituationForm(posted_data(request), packs=what_if.packs_in_use(request.staff), keep=relief, initial=initial)
    if form.is_valid():
        typed = form.cleaned_data
        if try_action(
            form,
            lambda: intakes.save_situation(
                request.staff, case_id, about=typed["about"], relief=typed["relief"], story=typed["story"]
            ),
        ):
            return after_step(request, case_id, DATES)
    return step_response(request, file, SITUATION, form, {"trees": tree_lines(request.staff, file)})


@staff_view(methods=["GET", "POST"])
def save_dates(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask for the documents that the person has: their dates start deadlines, each not yet confirmed.

    `act` is document, order, or empty for going on.
    """
    file = open_case_file(request, case_id)
    staff, act = request.staff, request.POST.get("act", "")
    posted = posted_data(request)
    document = DocumentDateForm(posted if act == "document" else None, packs=what_if.packs_in_use(staff))
    order = PriorOrderForm(posted if act == "order" else None, auto_id="order_%s")
    again = reverse("intake:dates", args=[case_id])
    form: forms.Form = document if act != "order" else order
    if document.is_only_shown:
        document.errors.clear()  # its questions are new: nothing is missing yet
        form = forms.Form()
    elif act == "document" and document.is_valid():
        done = try_action(document, lambda: intakes.record_date(staff, case_id, document.new_notice()))
        if done:
            return see_other(again, "date-recorded-passed" if done.value else "date-recorded")
    elif act == "order" and order.is_valid():
        if try_action(order, lambda: intakes.record_prior_order(staff, case_id, order.order())):
            return see_other(again, "intake-saved")
    elif request.method == "POST" and not act:
        intakes.mark_saved(staff, case_id, DATES)
        return after_step(request, case_id, "decision")
    context = {
        "document": document,
        "order": order,
        "orders": prior_order_lines(file),
        "deadlines": deadline_lines(staff, file),
    }
    return step_response(request, file, DATES, form, context)
