"""Views of the office's law settings: packs, courts, and how the office reads disputed rules."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.law import office_pages, pages, services
from caseapp.law.forms import NO_READING, CourtForm, PacksForm, PositionForm
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET"])
def show_settings(request: StaffRequest) -> HttpResponse:
    """Show the office's law settings to every member; supervising attorneys change them."""
    law = office_law.law_of(request.staff.keys)
    return render(request, "law/settings.html", {"page": office_pages.office_law_page(request.staff, law)})


@staff_view(methods=["GET", "POST"])
def choose_packs(request: StaffRequest) -> HttpResponse:
    """Choose the packs in use. Only for supervising attorneys and admins."""
    staff = request.staff
    if not office_law.may_set_packs(staff):
        raise NotFound("this member chooses no packs")
    in_use = sorted(office_law.packs_in_use(office_law.law_of(staff.keys).office))
    form = PacksForm(posted_data(request), packs=pages.pack_names(), initial={"packs": in_use})
    if form.is_valid() and try_action(form, lambda: services.set_packs(staff, form.cleaned_data["packs"])):
        return see_other(reverse("law:settings"), "packs-chosen")
    return render_form(request, "law/packs.html", form, {})


@staff_view(methods=["GET", "POST"])
def edit_court(request: StaffRequest) -> HttpResponse:
    """Set how the office files with a court; `remove` takes a court's own setting away. For supervising attorneys."""
    staff = request.staff
    if not office_law.is_supervising(staff):
        raise NotFound("only a supervising attorney sets courts")
    if "remove" in request.POST:
        try:
            services.remove_court(staff, request.POST["remove"])
        except Refused as exc:
            raise NotFound("no setting to remove") from exc
        return see_other(reverse("deadlines:changes"), "court-saved")
    form = CourtForm(posted_data(request))
    if form.is_valid() and try_action(form, lambda: _set_court(staff, form.cleaned_data)):
        return see_other(reverse("deadlines:changes"), "court-saved")
    return render_form(request, "law/court.html", form, {})


def _set_court(staff: Staff, cleaned: dict[str, Any]) -> None:
    services.set_court(staff, cleaned["court"], electronic=cleaned["method"] == "electronic", region=cleaned["region"])


@staff_view(methods=["GET", "POST"])
def choose_position(request: StaffRequest, rule_id: str) -> HttpResponse:
    """Choose how the office reads a disputed rule. Only for supervising attorneys; a rule without a dispute is 404."""
    staff = request.staff
    law = office_law.law_of(staff.keys)
    if not office_law.is_supervising(staff) or not office_law.disputed_readings(law.book, rule_id):
        raise NotFound("no reading to choose here")
    form = PositionForm(
        posted_data(request),
        readings=[
            (NO_READING, _("No reading: the earliest date is the legal deadline")),
            *office_pages.reading_choices(law, rule_id),
        ],
        initial={"position": law.position_of(rule_id) or NO_READING},
    )
    if form.is_valid():
        cleaned = form.cleaned_data
        if try_action(
            form, lambda: services.choose_position(staff, rule_id, cleaned["position"], reason=cleaned["reason"])
        ):
            return see_other(reverse("deadlines:changes"), "position-chosen")
    name = rules.rule_name(rule_id, get_language() or "en", book=law.book)
    return render_form(request, "law/position.html", form, {"name": name, "rule_id": rule_id})
