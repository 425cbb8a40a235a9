"""Views of hearings: book, correct, record the outcome."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from caseapp.hearings import pages
from caseapp.hearings.forms import HearingForm, OutcomeForm
from caseapp.hearings.services import hearings, preview
from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import attempt, has_conflict, shown, standing, typed
from caseapp.ui.requests.case_access import opened, opened_by
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def book(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Book a hearing; the button `preview` only shows what it would add."""
    staff = request.staff
    file = opened(request, case_id)
    team = colleagues_of(staff.keys, file)
    initial = {"zone": staff.zone, "way": "in_person", "goes": str(staff.member_id)}
    form = HearingForm(typed(request), initial=initial, team=team)
    context: dict[str, Any] = {"page": case_head(file)}
    if form.is_valid():
        hearing = form.hearing()
        if "preview" in request.POST:
            done = attempt(form, lambda: preview.booking(staff, file, hearing))
            if done:
                context["preview"] = pages.preview_of(staff, done.value, hearing, names_of(team), case_id)
        elif attempt(form, lambda: hearings.book_hearing(staff, case_id, hearing)):
            return see_other(reverse("cases:case", args=[case_id]), "hearing-booked")
    return shown(request, "hearings/book.html", form, context)


@staff_view(methods=["GET", "POST"])
def hearing(request: StaffRequest, hearing_id: UUID) -> HttpResponse:
    """Show a hearing and correct it."""
    staff = request.staff
    file = opened_by(request, hearing_id)
    entry = file.get(hearing_id, Hearing)
    team = colleagues_of(staff.keys, file)
    saved = HearingForm.saved(entry.record)
    form = HearingForm(typed(request), initial={**saved, "version": entry.version}, team=team)
    if form.is_valid():
        changed, version = form.hearing(entry.record), form.cleaned_data["version"] or 0
        if attempt(form, lambda: hearings.change_hearing(staff, file.id, hearing_id, changed, version=version)):
            return see_other(reverse("cases:case", args=[file.id]), "hearing-changed")
    stands = standing(form, saved) if form.is_bound and has_conflict(form) else ()
    context = {"page": pages.hearing_page(file, entry, names_of(team), staff), "stands": stands}
    return shown(request, "hearings/hearing.html", form, context)


@staff_view(methods=["GET", "POST"])
def outcome(request: StaffRequest, hearing_id: UUID) -> HttpResponse:
    """Record the outcome of a hearing, and the next date."""
    staff = request.staff
    file = opened_by(request, hearing_id)
    entry = file.get(hearing_id, Hearing)
    record = entry.record
    form = OutcomeForm(
        typed(request),
        initial={"version": entry.version, "next_kind": record.kind},
        zone=record.zone,
        today=clock.today(record.zone),
    )
    if form.is_valid():
        result, version = form.outcome(), form.cleaned_data["version"]
        following = form.next_hearing(record)
        if attempt(
            form,
            lambda: hearings.record_outcome(
                staff, file.id, hearing_id, result, version=version, next_hearing=following
            ),
        ):
            did = "hearing-moved" if result.what == "reset" else "outcome-recorded"
            return see_other(reverse("cases:case", args=[file.id]), did)
    names = names_of(colleagues_of(staff.keys, file))
    context = {"page": pages.hearing_page(file, entry, names, staff), "stands": ()}
    return shown(request, "hearings/outcome.html", form, context)
