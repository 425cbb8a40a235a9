"""Views of a person's dates: enter one, correct it, remove it, put it back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp import rules
from caseapp.clients.forms.person_dates import CorrectDateForm, NewDateForm
from caseapp.clients.services import date_corrections
from caseapp.deadlines.services import notices, what_if
from caseapp.deadlines.services.person_dates import kept_dates
from caseapp.lib.errors import NotFound
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.labels import notice_label
from caseapp.ui.forms.form_saving import (
    VersionedForm,
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
from caseapp.vault.store import Entry, SealedFile


@staff_view(methods=["GET", "POST"])
def record_date(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Enter a date of a person; its deadlines follow."""
    staff, file = request.staff, open_case_file(request, case_id)
    person = file.get(party_id, Party).record
    form = NewDateForm(posted_data(request), packs=what_if.packs_in_use(staff), born_on=person.born_on)
    context = {"page": case_head(file), "person": person.name.full, "back": _person_path(case_id, party_id)}
    if form.is_only_shown:
        form.errors.clear()  # the questions are new: nothing is missing yet
        return render(request, "clients/date.html", {"form": form, **context})
    if form.is_valid():
        done = try_action(form, lambda: notices.record_event(staff, case_id, form.new_notice(party_id)))
        if done:
            did = "date-recorded-passed" if done.value.has_passed else "date-recorded"
            return see_other(_person_path(case_id, party_id), did)
    return render_form(request, "clients/date.html", form, context)


@staff_view(methods=["GET", "POST"])
def change_date(request: StaffRequest, case_id: UUID, party_id: UUID, notice_id: UUID) -> HttpResponse:
    """Correct a date of a person and the answers to its questions."""
    staff, file = request.staff, open_case_file(request, case_id)
    entry = _current_date(file, party_id, notice_id)
    event = rules.catalogue().events[entry.record.what]
    saved = CorrectDateForm.initial_for(entry.record, entry.version)
    form = CorrectDateForm(posted_data(request), event=event, initial=saved)
    if form.is_valid():
        version = form.cleaned_data["version"]
        done = try_action(
            form,
            lambda: date_corrections.correct_date(
                staff, case_id, party_id, notice_id, form.corrected_date(), version=version
            ),
        )
        if done:
            did = "date-corrected-passed" if done.value else "date-corrected"
            return see_other(_person_path(case_id, party_id), did)
    context = {
        "page": case_head(file),
        "person": file.get(party_id, Party).record.name.full,
        "back": _person_path(case_id, party_id),
        "label": notice_label(entry.record.what),
        "remove": reverse("clients:date_remove", args=[case_id, party_id, notice_id]),
        "version": entry.version,
        "stands": differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else (),
    }
    return render_form(request, "clients/date.html", form, context)


@staff_view(methods=["POST"])
def remove_date(request: StaffRequest, case_id: UUID, party_id: UUID, notice_id: UUID) -> HttpResponse:
    """Remove a date that is wrong; what followed from it ends."""
    version = _posted_version(request)
    open_case_file(request, case_id)
    date_corrections.remove_date(request.staff, case_id, party_id, notice_id, version=version)
    return see_other(_person_path(case_id, party_id), "date-removed")


@staff_view(methods=["POST"])
def restore_date(request: StaffRequest, case_id: UUID, party_id: UUID, notice_id: UUID) -> HttpResponse:
    """Put a removed date back."""
    version = _posted_version(request)
    open_case_file(request, case_id)
    date_corrections.restore_date(request.staff, case_id, party_id, notice_id, version=version)
    return see_other(_person_path(case_id, party_id), "undone")


def _posted_version(request: StaffRequest) -> int:
    """Return the version that the member saw. Raises NotFound for a form without one."""
    form = VersionedForm(request.POST)
    if not form.is_valid():
        raise NotFound("a version")
    version: int = form.cleaned_data["version"]
    return version


def _current_date(file: SealedFile, party_id: UUID, notice_id: UUID) -> Entry[Notice]:
    for entry in kept_dates.current_dates(file, file.get(party_id, Party).id):
        if entry.id == notice_id:
            return entry
    raise NotFound(f"notice {notice_id} is no date of person {party_id}")


def _person_path(case_id: UUID, party_id: UUID) -> str:
    return reverse("clients:person", args=[case_id, party_id])
