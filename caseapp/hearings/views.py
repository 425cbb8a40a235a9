"""Views of hearings: book, show, correct, record the outcome."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.deadlines.panels.change_preview import preview_act
from caseapp.deadlines.services import what_if
from caseapp.hearings import pages
from caseapp.hearings.forms import HearingForm, OutcomeForm
from caseapp.hearings.services import corrections, hearings, preview
from caseapp.hearings.services.corrections import OutcomeCorrection
from caseapp.records.hearing import Hearing, Outcome
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file, open_case_file_of_record
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import Entry, SealedFile


@staff_view(methods=["GET", "POST"])
def book(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Book a hearing; the button `preview` only shows what it would add."""
    staff = request.staff
    file = open_case_file(request, case_id)
    team = colleagues_of(staff.keys, file)
    initial = pages.booking_values(file, staff)
    form = HearingForm(posted_data(request), initial=initial, team=team, packs=what_if.packs_in_use(staff))
    context: dict[str, Any] = {"page": case_head(file)}
    if form.is_valid():
        hearing = form.build_hearing()
        if "preview" in request.POST:
            done = try_action(form, lambda: preview.preview_booking(staff, file, hearing))
            if done:
                context["preview"] = pages.booking_preview(staff, done.value, hearing, names_of(team), case_id)
        elif try_action(form, lambda: hearings.book_hearing(staff, case_id, hearing)):
            return see_other(reverse("cases:case", args=[case_id]), "hearing-booked")
    return render_form(request, "hearings/book.html", form, context)


@staff_view(methods=["GET"])
def show_hearing(request: StaffRequest, hearing_id: UUID) -> HttpResponse:
    """Show the brief of a hearing."""
    file = open_case_file_of_record(request, hearing_id)
    names = names_of(colleagues_of(request.staff.keys, file))
    brief = pages.hearing_brief(file, file.get(hearing_id, Hearing), names, request.staff)
    return render(request, "hearings/hearing.html", {"page": brief})


@staff_view(methods=["GET", "POST"])
def edit_hearing(request: StaffRequest, hearing_id: UUID) -> HttpResponse:
    """Correct a hearing."""
    staff = request.staff
    file = open_case_file_of_record(request, hearing_id)
    entry = file.get(hearing_id, Hearing)
    team = colleagues_of(staff.keys, file)
    saved = HearingForm.initial_for(entry.record)
    form = HearingForm(
        posted_data(request),
        initial={**saved, "version": entry.version},
        team=team,
        packs=what_if.packs_in_use(staff),
        before=entry.record,
    )
    if form.is_valid():
        changed, version = form.build_hearing(entry.record), form.cleaned_data["version"] or 0
        if try_action(form, lambda: hearings.change_hearing(staff, file.id, hearing_id, changed, version=version)):
            return see_other(reverse("hearings:hearing", args=[hearing_id]), "hearing-changed")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    context = {"page": pages.hearing_page(file, entry, names_of(team), staff), "stands": stands}
    return render_form(request, "hearings/edit.html", form, context)


@staff_view(methods=["GET", "POST"])
def record_outcome(request: StaffRequest, hearing_id: UUID) -> HttpResponse:
    """Record the outcome of a hearing, and the next date; one that is recorded opens filled in, to be corrected."""
    staff = request.staff
    file = open_case_file_of_record(request, hearing_id)
    entry = file.get(hearing_id, Hearing)
    record = entry.record
    if record.outcome is not None:
        return _correct_outcome(request, file, entry, record.outcome)
    form = OutcomeForm(
        posted_data(request),
        initial={"version": entry.version, "next_kind": record.kind},
        hearing=record,
        pack=hearings.pack_of_hearing(staff, record),
    )
    if form.is_valid():
        result, version = form.build_outcome(), form.cleaned_data["version"]
        following, facts = form.build_next_hearing(record), form.outcome_facts()
        if try_action(
            form,
            lambda: hearings.record_outcome(
                staff, file.id, hearing_id, result, version=version, next_hearing=following, facts=facts
            ),
        ):
            did = "hearing-moved" if result.what == "reset" else "outcome-recorded"
            return see_other(reverse("cases:case", args=[file.id]), did)
    names = names_of(colleagues_of(staff.keys, file))
    context = {"page": pages.hearing_page(file, entry, names, staff), "stands": ()}
    return render_form(request, "hearings/outcome.html", form, context)


def _correct_outcome(request: StaffRequest, file: SealedFile, entry: Entry[Hearing], outcome: Outcome) -> HttpResponse:
    """Show a recorded outcome in its form. A save is first shown with what follows from it, then committed."""
    staff, record = request.staff, entry.record
    booked = corrections.find_next_hearing(file, entry.id, outcome)
    known = corrections.complete_outcome(file, entry.id, outcome)
    saved = {"next_kind": record.kind} | OutcomeForm.initial_for(known, booked.record if booked else None)
    form = OutcomeForm(
        posted_data(request),
        initial={**saved, "version": entry.version},
        hearing=record,
        pack=hearings.pack_of_hearing(staff, record),
    )
    names = names_of(colleagues_of(staff.keys, file))
    context: dict[str, Any] = {"page": pages.hearing_page(file, entry, names, staff), "stands": ()}
    if form.is_valid():
        correction = OutcomeCorrection(
            outcome=form.build_outcome(),
            version=form.cleaned_data["version"],
            next_hearing=form.build_next_hearing(record),
            facts=form.outcome_facts(),
        )
        act = partial(corrections.correct_in_draft, staff=staff, hearing_id=entry.id, correction=correction)
        seen = try_action(form, lambda: preview_act(staff, file, act))
        if seen and seen.value.was_shown(request.POST.get("previewed", "")):
            done = try_action(
                form,
                lambda: corrections.correct_outcome(
                    staff, file.id, entry.id, correction, head_version=file.head_version
                ),
            )
            if done:
                return see_other(reverse("cases:case", args=[file.id]), seen.value.message)
        elif seen:
            context["preview"] = seen.value
    if form.is_bound and has_conflict(form):
        context["stands"] = differing_saved_values(form, saved)
    return render_form(request, "hearings/outcome_correction.html", form, context)
