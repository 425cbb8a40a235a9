"""Views of the people in a case."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.forms.people import ArrivalForm, PersonForm
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.duplicates import read_answers, try_after_check
from caseapp.clients.panels.orders import order_lines
from caseapp.clients.panels.person_dates import person_dates_of
from caseapp.clients.services import custody, people
from caseapp.deadlines.services import what_if
from caseapp.records.party import Party
from caseapp.ui.display import case_header
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.paths import case_path
from caseapp.ui.display.people.fact_lines import brought_facts
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
from caseapp.vault.store import SealedFile


@staff_view(methods=["GET", "POST"])
def add_person(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a person to the case."""
    file = open_case_file(request, case_id)
    form = PersonForm(posted_data(request), initial={"role": "other"})
    answers = read_answers(request.POST)
    if form.is_valid() and try_after_check(
        form,
        answers,
        lambda: people.add_person(request.staff, case_id, form.to_party(), answers=answers),
        case_id=case_id,
    ):
        return see_other(case_path(case_id), "person-added")
    return render_form(request, "clients/person.html", form, {"page": case_header.case_head(file)})


@staff_view(methods=["GET", "POST"])
def edit_person(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Show and edit a person of the case.

    The last arrival has its own small form (`act=arrival`), because deadlines are computed from it.
    """
    file = open_case_file(request, case_id)
    if request.method == "POST" and request.POST.get("act") == "arrival":
        return _edit_arrival(request, file, party_id)
    entry = file.get(party_id, Party)
    saved = PersonForm.initial_for(entry.record)
    initial = {**saved, "version": entry.version}
    if is_edited_in_place(request):
        # Several people may be edited in one page: the boxes of each have ids of their own.
        fragment = PersonForm(initial=initial, auto_id=f"{party_id.hex[:8]}_%s")
        return render_in_place(request, fragment, _fragment_context(case_id))
    form = PersonForm(posted_data(request), initial=initial)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        answers = read_answers(request.POST)
        if try_after_check(
            form,
            answers,
            lambda: people.change_person(
                request.staff, case_id, party_id, form.to_party(entry.record), version=version, answers=answers
            ),
            case_id=case_id,
        ):
            return _after_change(request, case_id, has_custody_changed=form.has_custody_changed(entry.record))
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return render_form(request, "clients/person.html", form, _person_context(request.staff, file, party_id, stands))


def _fragment_context(case_id: UUID) -> dict[str, Any]:
    return {
        "fields": "clients/_person_fields.html",
        "verb": _("Save person"),
        "back": case_path(case_id),
        "is_edit": True,
        "custody_href": reverse("clients:custody", args=[case_id]),
    }


def _after_change(request: StaffRequest, case_id: UUID, *, has_custody_changed: bool) -> HttpResponse:
    """Return to the case; to its custody page where custody changes more than the person."""
    if has_custody_changed and custody.list_changes(request.staff, open_case_file(request, case_id)).keys:
        return see_other(reverse("clients:custody", args=[case_id]), "custody-asked")
    return see_other(case_path(case_id), "person-changed")


def _edit_arrival(request: StaffRequest, file: SealedFile, party_id: UUID) -> HttpResponse:
    entry = file.get(party_id, Party)
    saved = ArrivalForm.initial_for(entry.record, entry.version)
    form = ArrivalForm(request.POST, initial=saved)
    if form.is_valid():
        on, version = form.cleaned_data["last_arrival_on"], form.cleaned_data["version"]
        if try_action(
            form,
            lambda: people.set_last_arrival(
                request.staff, file.id, party_id, on, version=version, answers=form.answers()
            ),
        ):
            return see_other(case_path(file.id), "arrival-recorded")
    stands = differing_saved_values(form, saved) if has_conflict(form) else ()
    return render_form(request, "clients/arrival.html", form, _person_context(request.staff, file, party_id, stands))


def _person_context(staff: Staff, file: SealedFile, party_id: UUID, stands: Any) -> dict[str, Any]:
    entry = file.get(party_id, Party)
    initial = ArrivalForm.initial_for(entry.record, entry.version)
    has_clock = what_if.has_arrival_clock(what_if.packs_in_use(staff))
    return {
        "page": case_header.case_head(file),
        "stands": stands,
        "is_edit": True,
        "person": entry.record.name.full,
        "arrival": ArrivalForm(initial=initial, auto_id="arrival_%s") if has_clock else None,
        "custody_href": reverse("clients:custody", args=[file.id]),
        "arrived_on": entry.record.last_arrival_on,
        "dates": person_dates_of(file, party_id, staff),
        "orders": order_lines(file, party_id),
        "order_new": reverse("clients:order_new", args=[file.id, party_id]),
        "brought": brought_facts(entry.record),
        "contacting": contact_sections.person_section(
            file, party_id, staff.keys, names_of(colleagues_of(staff.keys, file)), staff.zone
        ),
    }
