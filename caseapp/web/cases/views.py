"""Cases, their people, notes, tasks and what arrived."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.keys import Staff
from caseapp.cases import access
from caseapp.cases.records import Case, Note, Task
from caseapp.casework import cases, notices
from caseapp.documents.records import Document
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.people.contacting import ContactAttempt
from caseapp.people.records import Party
from caseapp.vault.store import SealedFile
from caseapp.web.answers import next_path, see_other
from caseapp.web.cases import lists, pages
from caseapp.web.cases.forms import (
    ArrivalForm,
    CaseForm,
    ChangeForm,
    NoteEditForm,
    NoteForm,
    NoticeForm,
    PersonForm,
    TaskForm,
)
from caseapp.web.clients import sections
from caseapp.web.colleagues import colleagues_of, names_of, teams_of
from caseapp.web.opening import opened
from caseapp.web.saving import attempt, has_conflict, shown, standing, typed
from caseapp.web.staff import StaffRequest, staff_view


def case_path(case_id: UUID) -> str:
    """Where a write in a case leads back to."""
    return reverse("cases:case", args=[case_id])


@staff_view(methods=["GET"])
def case_list(request: StaffRequest) -> HttpResponse:
    """`?show=`, `?sort=`, `?page=`."""
    index = reader.view(request.staff.keys, zone=request.staff.zone)
    return render(request, "cases/list.html", {"page": lists.case_list(request.staff, index, request.GET)})


@staff_view(methods=["GET"])
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The case page."""
    file = opened(request, case_id)
    page = pages.case_page(file, request.staff, show=request.GET.get("show", "all"))
    return render(request, "cases/case.html", {"page": page})


@staff_view(methods=["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Open a case."""
    form = CaseForm(typed(request), teams=teams_of(request.staff.keys))
    if form.is_valid():
        done = attempt(form, lambda: cases.open_case(request.staff, **form.values()))
        if done:
            return see_other(case_path(done.value), "case-opened")
    return shown(request, "cases/new.html", form, {})


@staff_view(methods=["GET", "POST"])
def change(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Stage, relief and lead."""
    file = opened(request, case_id)
    entry = file.one(Case)
    record = entry.record
    saved = {"stage": record.stage, "relief": list(record.relief), "lead": str(record.lead)}
    team = colleagues_of(request.staff.keys, file)
    form = ChangeForm(typed(request), initial={**saved, "version": entry.version}, team=team)
    if form.is_valid():
        version = form.cleaned_data["version"]
        if attempt(form, lambda: cases.change_case(request.staff, case_id, version=version, **form.changes())):
            return see_other(case_path(case_id), "case-changed")
    stands = standing(form, saved) if form.is_bound and has_conflict(form) else ()
    return shown(request, "cases/change.html", form, {"page": pages.case_head(file), "stands": stands})


@staff_view(methods=["GET", "POST"])
def note_new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Write a note."""
    file = opened(request, case_id)
    form = NoteForm(typed(request))
    if form.is_valid():
        told = form.cleaned_data
        if attempt(form, lambda: cases.add_note(request.staff, case_id, **told)):
            return see_other(case_path(case_id), "note-saved")
    return shown(request, "cases/note.html", form, {"page": pages.case_head(file)})


@staff_view(methods=["GET", "POST"])
def note(request: StaffRequest, case_id: UUID, note_id: UUID) -> HttpResponse:
    """Correct a note."""
    file = opened(request, case_id)
    entry = file.get(note_id, Note)
    saved = {"text": entry.record.text}
    form = NoteEditForm(typed(request), initial={**saved, "version": entry.version})
    if form.is_valid():
        told = form.cleaned_data
        if attempt(
            form, lambda: cases.change_note(request.staff, case_id, note_id, text=told["text"], version=told["version"])
        ):
            return see_other(case_path(case_id), "note-saved")
    stands = standing(form, saved) if form.is_bound and has_conflict(form) else ()
    return shown(request, "cases/note.html", form, {"page": pages.case_head(file), "stands": stands, "is_edit": True})


@staff_view(methods=["GET", "POST"])
def person_new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Somebody else in the case."""
    file = opened(request, case_id)
    form = PersonForm(typed(request), today=clock.today(request.staff.zone), initial={"role": "other"})
    if form.is_valid() and attempt(form, lambda: cases.add_person(request.staff, case_id, form.party())):
        return see_other(case_path(case_id), "person-added")
    return shown(request, "cases/person.html", form, {"page": pages.case_head(file)})


@staff_view(methods=["GET", "POST"])
def person(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """What is known of a person; the last arrival has its own small form (`act=arrival`), because dates follow."""
    file = opened(request, case_id)
    if request.method == "POST" and request.POST.get("act") == "arrival":
        return _arrival(request, file, party_id)
    entry = file.get(party_id, Party)
    saved = PersonForm.saved(entry.record)
    form = PersonForm(
        typed(request), initial={**saved, "version": entry.version}, today=clock.today(request.staff.zone)
    )
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        if attempt(
            form,
            lambda: cases.change_person(request.staff, case_id, party_id, form.party(entry.record), version=version),
        ):
            return see_other(case_path(case_id), "person-changed")
    stands = standing(form, saved) if form.is_bound and has_conflict(form) else ()
    return shown(request, "cases/person.html", form, _person_context(request.staff, file, party_id, stands))


def _arrival(request: StaffRequest, file: SealedFile, party_id: UUID) -> HttpResponse:
    entry = file.get(party_id, Party)
    saved = {"last_arrival_on": entry.record.last_arrival_on}
    form = ArrivalForm(request.POST)
    if form.is_valid():
        on, version = form.cleaned_data["last_arrival_on"], form.cleaned_data["version"]
        if attempt(form, lambda: cases.set_last_arrival(request.staff, file.id, party_id, on, version=version)):
            return see_other(case_path(file.id), "arrival-recorded")
    stands = standing(form, saved) if has_conflict(form) else ()
    return shown(request, "cases/arrival.html", form, _person_context(request.staff, file, party_id, stands))


def _person_context(staff: Staff, file: SealedFile, party_id: UUID, stands: Any) -> dict[str, Any]:
    entry = file.get(party_id, Party)
    initial = {"last_arrival_on": entry.record.last_arrival_on, "version": entry.version}
    return {
        "page": pages.case_head(file),
        "stands": stands,
        "is_edit": True,
        "person": entry.record.name.full,
        "arrival": ArrivalForm(initial=initial, auto_id="arrival_%s"),
        "arrived_on": entry.record.last_arrival_on,
        "contacting": sections.person_section(
            file, party_id, staff.keys, names_of(colleagues_of(staff.keys, file)), staff.zone
        ),
    }


@staff_view(methods=["GET", "POST"])
def task_new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Something somebody does."""
    file = opened(request, case_id)
    team = colleagues_of(request.staff.keys, file)
    form = TaskForm(typed(request), team=team, initial={"owner": str(request.staff.member_id)})
    if form.is_valid():
        told = form.cleaned_data
        if attempt(form, lambda: cases.add_task(request.staff, case_id, **told)):
            return see_other(case_path(case_id), "task-added")
    return shown(request, "cases/task.html", form, {"page": pages.case_head(file)})


@staff_view(methods=["POST"])
def task_done(request: StaffRequest, task_id: UUID) -> HttpResponse:
    """Tick a task; `done=no` takes the tick back."""
    case_id = access.case_of(request.staff.keys, task_id)
    is_done = request.POST.get("done") != "no"
    cases.finish_task(request.staff, case_id, task_id, done=is_done)
    return see_other(next_path(request, case_path(case_id)), "task-done" if is_done else "undone")


@staff_view(methods=["GET", "POST"])
def notice_new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """What arrived or changed; its dates follow."""
    file = opened(request, case_id)
    form = NoticeForm(typed(request))
    if form.is_valid():
        told = form.cleaned_data
        if attempt(form, lambda: notices.record_notice(request.staff, case_id, **told)):
            return see_other(case_path(case_id), "notice-recorded")
    return shown(request, "cases/notice.html", form, {"page": pages.case_head(file)})


@staff_view(methods=["POST"])
def undo(request: StaffRequest) -> HttpResponse:
    """Take back one version of a note, task, document or call. Dates with deadlines are corrected on their own page."""
    case_id, record_id, version = _undo_of(request)
    file = opened(request, case_id)
    entry = file.entries.get(record_id)
    if entry is not None and not isinstance(entry.record, Note | Task | Document | ContactAttempt):
        raise NotFound(f"undo of record {record_id}")
    cases.undo(request.staff, case_id, record_id, version)
    return see_other(case_path(case_id), "undone")


def _undo_of(request: StaffRequest) -> tuple[UUID, UUID, int]:
    told = request.POST
    try:
        return UUID(told.get("case", "")), UUID(told.get("record", "")), int(told.get("version", "")[:9])
    except ValueError as exc:
        raise NotFound("undo without ids") from exc
