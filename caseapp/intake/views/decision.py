"""The step Decision, the waiting list, and the letter to a person whom the office does not represent."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.keys import permissions
from caseapp.casefile import case_access, open_case
from caseapp.deadlines.services import what_if
from caseapp.intake.forms.steps import IntakeDecisionForm, LetterForm, WaitingForm
from caseapp.intake.pages.letters import LANGUAGES, NON_ENGAGEMENT, has_letter, letter_text
from caseapp.intake.pages.steps import conflict_state, intake_page
from caseapp.intake.services import decisions, intakes
from caseapp.intake.services.decisions import DECIDE
from caseapp.intake.services.intakes import DECISION
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.answer import REPRESENTED
from caseapp.records.case import Case
from caseapp.records.letter import Letter
from caseapp.ui.display.colleagues import colleagues_of
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction


# In steps: a case that becomes restricted gets its wall in transactions of its own (`casefile/sharing.py`).
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def decide(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the decision, decide, confirm a provisional decision, or leave the intake for later.

    `act` is decide or confirm.
    """
    staff, act = request.staff, request.POST.get("act", "")
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        form = _decision_form(request, file, is_sent=act == "decide")
        if request.method != "POST":
            open_case.record_view(staff, file)
            return _decision_response(request, file, form)
    if not permissions.is_permitted(staff, DECIDE) or act not in {"decide", "confirm"}:
        raise NotFound(f"role {staff.role} does not decide intakes")
    if act == "confirm":
        form = forms.Form(request.POST)
        if try_action(form, lambda: decisions.confirm(staff, case_id)):
            return see_other(reverse("intake:decision", args=[case_id]), "intake-confirmed")
    elif form.is_valid() and isinstance(form, IntakeDecisionForm):
        new = form.decision()
        if try_action(form, lambda: decisions.decide(staff, case_id, new)):
            return _after_decision(case_id, new.what)
    with office_transaction(staff.org_id):
        open_case.record_view(staff, file)
        return _decision_response(request, file, form)


def _after_decision(case_id: UUID, what: str) -> HttpResponse:
    if what in REPRESENTED:
        return see_other(case_path(case_id), "intake-accepted")
    return see_other(reverse("intake:decision", args=[case_id]), "intake-decided")


def _decision_form(request: StaffRequest, file: SealedFile, *, is_sent: bool) -> forms.Form:
    staff, case = request.staff, file.get_only(Case).record
    return IntakeDecisionForm(
        posted_data(request) if is_sent else None,
        packs=what_if.packs_in_use(staff),
        people=colleagues_of(staff.keys, file),
        asks_consent=conflict_state(staff, file).state == "waivable",
        initial={"lead": str(case.lead or "")},
    )


def _decision_response(request: StaffRequest, file: SealedFile, form: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {"page": intake_page(request.staff, file, DECISION)}
    if not isinstance(form, IntakeDecisionForm):
        context["empty"] = _decision_form(request, file, is_sent=False)
    return render_form(request, "intake/decision.html", form, context)


@staff_view(methods=["GET", "POST"])
def change_waiting(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Put an intake on the waiting list, change its place, or take it off (`act=off`)."""
    file = open_case_file(request, case_id)
    staff, entry = request.staff, intakes.intake_of(file)
    waiting = entry.record.waiting if entry is not None else None
    initial = (
        {"priority": waiting.priority, "next_contact_on": waiting.next_contact_on, "waits_for": waiting.reason}
        if waiting is not None
        else {"priority": "ordinary"}
    )
    is_off = request.POST.get("act") == "off"
    form = WaitingForm(None if is_off else posted_data(request), initial=initial)
    if request.method == "POST" and is_off:
        intakes.take_off_waiting_list(staff, case_id)
        return see_other(reverse("intake:safety", args=[case_id]), "intake-saved")
    if form.is_valid() and try_action(
        form, lambda: intakes.put_on_waiting_list(staff, case_id, form.waiting(staff.zone))
    ):
        return see_other(reverse("intake:queue") + "?show=waiting", "intake-waiting")
    context = {"page": intake_page(staff, file, DECISION), "is_waiting": waiting is not None}
    return render_form(request, "intake/waiting.html", form, context)


@staff_view(methods=["GET", "POST"])
def write_letter(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the letter for print in one of three languages, and keep it with the file once it was sent."""
    file = open_case_file(request, case_id)
    staff = request.staff
    asked = request.POST.get("language", "") or request.GET.get("language", "") or staff.language
    language = asked if asked in LANGUAGES else "en"
    if not has_letter(file):
        return see_other(reverse("intake:decision", args=[case_id]))
    letter = letter_text(staff, file, language, clock.today(staff.zone))
    form = LetterForm(posted_data(request), initial={"language": language})
    if form.is_valid():
        typed = form.cleaned_data
        if try_action(
            form,
            lambda: decisions.record_letter(
                staff,
                case_id,
                template=NON_ENGAGEMENT,
                language=language,
                text=letter.text,
                how=typed["how"],
                certified_number=typed["certified_number"],
            ),
        ):
            return see_other(reverse("intake:decision", args=[case_id]), "letter-kept")
    context = {"page": intake_page(staff, file, DECISION), "letter": letter, "languages_offered": LANGUAGES}
    return render_form(request, "intake/letter.html", form, context)


@staff_view(methods=["GET"])
def show_letter(request: StaffRequest, case_id: UUID, letter_id: UUID) -> HttpResponse:
    """Show a letter as it was sent."""
    file = open_case_file(request, case_id)
    record = file.get(letter_id, Letter).record
    context = {"page": intake_page(request.staff, file, DECISION), "record": record, "lines": record.text.split("\n")}
    return render(request, "intake/sent_letter.html", context)
