"""Views of cases: list, case page, new case, change, undo."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.casefile import undo as undo_casefile
from caseapp.cases.forms.cases import CaseForm, ChangeForm
from caseapp.cases.pages import case as case_pages
from caseapp.cases.pages import case_list as lists
from caseapp.cases.services import cases
from caseapp.index import reader
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.document import Document
from caseapp.records.note import Note
from caseapp.records.task import Task
from caseapp.ui.display import case_header
from caseapp.ui.display.colleagues import colleagues_of, teams_of
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import attempt, has_conflict, shown, standing, typed
from caseapp.ui.requests.case_access import opened
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET"])
def case_list(request: StaffRequest) -> HttpResponse:
    """Show the case list. `?show=` filters, `?sort=` orders, `?page=` selects a page."""
    index = reader.view(request.staff.keys, zone=request.staff.zone)
    return render(request, "cases/list.html", {"page": lists.case_list(request.staff, index, request.GET)})


@staff_view(methods=["GET"])
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the case page. `?show=` filters its activity."""
    file = opened(request, case_id)
    page = case_pages.case_page(file, request.staff, show=request.GET.get("show", "all"))
    return render(request, "cases/case.html", {"page": page})


@staff_view(methods=["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Open a new case."""
    form = CaseForm(typed(request), teams=teams_of(request.staff.keys))
    if form.is_valid():
        done = attempt(form, lambda: cases.open_case(request.staff, **form.values()))
        if done:
            return see_other(case_path(done.value), "case-opened")
    return shown(request, "cases/new.html", form, {})


@staff_view(methods=["GET", "POST"])
def change(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Edit the stage, relief and lead of a case."""
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
    return shown(request, "cases/change.html", form, {"page": case_header.case_head(file), "stands": stands})


@staff_view(methods=["POST"])
def undo(request: StaffRequest) -> HttpResponse:
    """Undo one version of a note, task, document or call.

    A date that deadlines depend on is corrected on its own page instead.
    """
    case_id, record_id, version = _undo_of(request)
    file = opened(request, case_id)
    entry = file.entries.get(record_id)
    if entry is not None and not isinstance(entry.record, Note | Task | Document | ContactAttempt):
        raise NotFound(f"undo of record {record_id}")
    undo_casefile.undo(request.staff, case_id, record_id, version)
    return see_other(case_path(case_id), "undone")


def _undo_of(request: StaffRequest) -> tuple[UUID, UUID, int]:
    posted = request.POST
    try:
        return UUID(posted.get("case", "")), UUID(posted.get("record", "")), int(posted.get("version", "")[:9])
    except ValueError as exc:
        raise NotFound("undo without ids") from exc
