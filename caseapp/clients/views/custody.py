"""The custody page: what else changes with custody or a release, the facility, corrections and undo."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from caseapp.clients.forms.custody import FacilityForm, StepCorrectionForm
from caseapp.clients.pages import custody as custody_pages
from caseapp.clients.services import custody
from caseapp.deadlines.panels.change_preview import preview_act
from caseapp.deadlines.services.custody_dates import RELEASED
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.custody import CustodyStep
from caseapp.records.party import Party
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile

MOST_KEYS = 200  # most changes chosen in one request


@staff_view(methods=["GET", "POST"])
def show_custody(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show custody and what would change with it. POST: `act` is apply, facility or undo."""
    staff = request.staff
    file = open_case_file(request, case_id)
    act, refusal = request.POST.get("act", "") if request.method == "POST" else "", ""
    form = _facility_form(request, file, is_bound=act == "facility")
    if act == "facility":
        if form.is_valid() and try_action(form, lambda: custody.record_facility(staff, case_id, form.new_facility())):
            return see_other(reverse("clients:custody", args=[case_id]), "custody-facility")
    elif act:
        refusal = _refusal_of(_service_call(request, case_id, act))
        if not refusal:
            return see_other(reverse("clients:custody", args=[case_id]), _message_of(act))
    page = custody_pages.custody_page(staff, file, custody.list_changes(staff, file))
    shown = {"page": page.head, "custody": page, "refusal": refusal, "can_transfer": _is_detained(request, file)}
    response = render_form(request, "clients/custody.html", form, shown)
    if refusal:
        response.status_code = 422
    return response


def _facility_form(request: StaffRequest, file: SealedFile, *, is_bound: bool) -> FacilityForm:
    return FacilityForm(
        request.POST if is_bound else None,
        initial={"on": clock.today(request.staff.zone)},
        persons=custody_pages.detained_choices(file, is_covered=request.staff.covered),
        hearings=custody_pages.hearing_choices(file),
    )


def _is_detained(request: StaffRequest, file: SealedFile) -> bool:
    return bool(custody_pages.detained_choices(file, is_covered=request.staff.covered))


def _service_call(request: StaffRequest, case_id: UUID, act: str) -> Callable[[], None]:
    """Return the service call of an act. Raises NotFound for one that the page does not have."""
    verb, _space, step = act.partition(" ")
    if verb == "apply" and not step:
        keys = [key[:120] for key in request.POST.getlist("change")[:MOST_KEYS]]
        return lambda: custody.apply_changes(request.staff, case_id, keys)
    try:
        step_id = UUID(step)
    except ValueError:
        raise NotFound("act") from None
    if verb != "undo":
        raise NotFound("act")
    return lambda: custody.undo_step(request.staff, case_id, step_id)


def _refusal_of(call: Callable[[], None]) -> str:
    try:
        call()
    except Refused as exc:
        return translate_refusal(exc)
    return ""


def _message_of(act: str) -> str:
    return "custody-changed" if act == "apply" else "undone"


@staff_view(methods=["GET", "POST"])
def correct_step(request: StaffRequest, case_id: UUID, step_id: UUID) -> HttpResponse:
    """Show a facility or a release in its form. A correction is first shown with what follows from it, then saved."""
    staff, file = request.staff, open_case_file(request, case_id)
    entry = file.get(step_id, CustodyStep)
    step = entry.record
    if not custody.is_correctable(step) or step.party is None:
        raise NotFound(f"custody step {step_id}")
    saved = custody_pages.step_initial(file, entry)
    form = StepCorrectionForm(
        posted_data(request),
        initial=saved,
        persons=((step.party, file.get(step.party, Party).record.name.full),),
        hearings=custody_pages.step_hearing_choices(file, step),
        is_release=step.what == RELEASED,
    )
    context: dict[str, Any] = {"page": case_head(file), "stands": ()}
    if form.is_valid():
        corrected = form.corrected_step()
        act = partial(custody.correct_in_draft, staff=staff, step_id=step_id, corrected=corrected)
        seen = try_action(form, lambda: preview_act(staff, file, act))
        if seen and seen.value.was_shown(request.POST.get("previewed", "")):
            done = try_action(
                form,
                lambda: custody.correct_step(staff, case_id, step_id, corrected, head_version=file.head_version),
            )
            if done:
                return see_other(reverse("clients:custody", args=[case_id]), seen.value.message)
        elif seen:
            context["preview"] = seen.value
    if form.is_bound and has_conflict(form):
        context["stands"] = differing_saved_values(form, saved)
    return render_form(request, "clients/custody_step.html", form, context)
