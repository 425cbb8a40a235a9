"""Views of cases: list, case page, new case, change, undo."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import gate, own_sheet
from caseapp.casefile import case_access, restriction
from caseapp.casefile import undo as undo_casefile
from caseapp.cases.forms.cases import CaseChangeForm, CaseForm, StageForm
from caseapp.cases.pages import case as case_pages
from caseapp.cases.services import cases
from caseapp.clients.panels.duplicates import read_answers, try_after_check
from caseapp.deadlines.services import what_if
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case, is_restricted
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.document import Document
from caseapp.records.note import Note
from caseapp.records.task import Task
from caseapp.ui import limits
from caseapp.ui.display import case_header, labels
from caseapp.ui.display.colleagues import colleagues_of, teams_of
from caseapp.ui.display.paths import case_path
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
from caseapp.vault.tenancy import office_transaction


@staff_view(methods=["GET"])
def show_case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the case page. `?show=` filters its activity."""
    file = open_case_file(request, case_id)
    page = case_pages.case_page(file, request.staff, show=request.GET.get("show", ""))
    return render(request, "cases/case.html", {"page": page})


@staff_view(methods=["GET"])
def show_part(request: StaffRequest, case_id: UUID, part: str) -> HttpResponse:
    """Show one page of a long list of the case, for example of its activity: `?page=2&show=notes`."""
    file = open_case_file(request, case_id)
    page = case_pages.part_page(file, request.staff, part, request.GET)
    return render(request, "cases/part.html", {"page": page})


def _prepare_new_case(request: StaffRequest) -> None:
    cases.prepare_new_case(request.staff, request.POST.getlist("relief"))


@staff_view(methods=["GET", "POST"], prepare=_prepare_new_case)
def create_case(request: StaffRequest) -> HttpResponse:
    """Open a new case. Where none can be opened the page says so in place of the form, and how to mend it."""
    limit = gate.recovery_limit(request.staff.keys)
    if request.method != "POST" and limit is not None and not limit.cases_left:
        return render(request, "cases/new_waits.html", _recovery_context(request.staff))
    if request.method != "POST" and not request.staff.keys.teams:
        return limits.show_limit(request, _("New case"), _(cases.NO_TEAM), names=limits.admin_names(request.staff))
    form = CaseForm(posted_data(request), teams=teams_of(request.staff.keys), packs=what_if.packs_in_use(request.staff))
    if form.is_valid():
        answers = read_answers(request.POST)
        new = form.new_case()
        done = try_after_check(
            form, answers, lambda: cases.open_case(request.staff, new, answers=answers, is_protected=True)
        )
        if done:
            did = "case-opened-restricted" if is_restricted(new.relief) else "case-opened"
            return see_other(case_path(done.value), did)
    sentence = limits.recovery_sentence(request.staff, limit) if limit is not None else ""
    return render_form(request, "cases/new.html", form, {"recovery_limit": sentence})


def _recovery_context(staff: Staff) -> dict[str, object]:
    return {
        "may_set_up": permissions.is_permitted(staff, "set_up_recovery"),
        "admins": limits.admin_names(staff),
        "has_sheet_task": bool(own_sheet.next_task(staff.keys)),
    }


def _saved_facts(case: Case) -> dict[str, Any]:
    lead, relief = str(case.lead), list(case.relief)
    return {"stage": case.stage, "relief": relief, "lead": lead, "referred_by": case.referred_by}


def _change_form(request: StaffRequest, file: SealedFile) -> CaseChangeForm:
    entry = file.get_only(Case)
    return CaseChangeForm(
        posted_data(request),
        initial={**_saved_facts(entry.record), "version": entry.version},
        team=colleagues_of(request.staff.keys, file),
        packs=what_if.packs_in_use(request.staff),
    )


def _prepare_change(request: StaffRequest, case_id: UUID) -> None:
    staff = request.staff
    with office_transaction(staff.org_id):
        form = _change_form(request, case_access.open_case(staff.keys, case_id))
    if form.is_valid():
        typed = form.changed_fields()
        version = form.cleaned_data["version"]
        cases.prepare_change(staff, case_id, version=version, relief=typed["relief"], lead=typed["lead"])


@staff_view(methods=["GET", "POST"], prepare=_prepare_change)
def edit_case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Edit the stage, relief and lead of a case. One that becomes one of VAWA, T, U or asylum is restricted first."""
    file = open_case_file(request, case_id)
    saved = _saved_facts(file.get_only(Case).record)
    form = _change_form(request, file)
    if is_edited_in_place(request):
        return render_in_place(request, form, {"verb": _("Save case"), "back": case_path(case_id)})
    if form.is_valid():
        version = form.cleaned_data["version"]
        if try_action(
            form, lambda: cases.change_case(request.staff, case_id, version=version, **form.changed_fields())
        ):
            is_new = is_restricted(form.changed_fields()["relief"]) and not is_restricted(saved["relief"])
            is_narrowed = is_new and restriction.is_walled(request.staff, file)
            return see_other(case_path(case_id), "case-restricted" if is_narrowed else "case-changed")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return render_form(request, "cases/change.html", form, {"page": case_header.case_head(file), "stands": stands})


@staff_view(methods=["GET", "POST"])
def choose_stage(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Choose the stage of a case after a decision; the question on the case page is then answered."""
    file = open_case_file(request, case_id)
    entry = file.get_only(Case)
    form = StageForm(
        posted_data(request), initial={"version": entry.version}, packs=what_if.packs_in_use(request.staff)
    )
    if form.is_valid():
        stage, version = form.cleaned_data["stage"], form.cleaned_data["version"]
        if try_action(form, lambda: cases.change_case(request.staff, case_id, version=version, stage=stage)):
            return see_other(case_path(case_id), "case-changed")
    question = labels.STAGE_QUESTIONS.get(entry.record.stage_question, "")
    now = labels.label_of(labels.STAGES, entry.record.stage)
    context = {"page": case_header.case_head(file), "question": question, "stage_now": now}
    return render_form(request, "cases/stage.html", form, context)


@staff_view(methods=["POST"])
def undo_change(request: StaffRequest) -> HttpResponse:
    """Undo one version of a note, task, document or call.

    A date that deadlines depend on is corrected on its own page instead.
    """
    case_id, record_id, version = _parse_undo(request)
    file = open_case_file(request, case_id)
    entry = file.entries.get(record_id)
    if entry is not None and not isinstance(entry.record, Note | Task | Document | ContactAttempt):
        raise NotFound(f"undo of record {record_id}")
    undo_casefile.undo_change(request.staff, case_id, record_id, version)
    return see_other(case_path(case_id), "undone")


def _parse_undo(request: StaffRequest) -> tuple[UUID, UUID, int]:
    posted = request.POST
    try:
        return UUID(posted.get("case", "")), UUID(posted.get("record", "")), int(posted.get("version", "")[:9])
    except ValueError as exc:
        raise NotFound("undo without ids") from exc
