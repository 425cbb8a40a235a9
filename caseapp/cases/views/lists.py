"""Views of the case list: filters, saved views, and what is done with selected cases."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.drafts import saved_views
from caseapp.accounts.drafts.saved_views import SavedView
from caseapp.accounts.keys.staff import Staff
from caseapp.cases.forms.lists import CaseFilterForm, ReassignForm, SavedViewForm, SelectedCasesForm, TaskForCasesForm
from caseapp.cases.pages import case_list as lists
from caseapp.cases.panels import ids_of_values, list_path, read_filter
from caseapp.cases.services import bulk
from caseapp.cases.services.bulk import UnchangedCase
from caseapp.index import reader
from caseapp.index.lookup import facets
from caseapp.index.view import IndexView
from caseapp.lib.errors import NotFound
from caseapp.ui.display import labels, list_notice
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import posted_data, try_action
from caseapp.ui.forms.member_fields import member_choices
from caseapp.ui.requests.redirects import PageAfterSave, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.errors import OpenFailed

REASSIGN, TASK = "reassign", "task"
Forms = ReassignForm | TaskForCasesForm


@staff_view(methods=["GET"])
def show_list(request: StaffRequest) -> HttpResponse:
    """Show the case list. The query has codes and ids only."""
    return _list_response(request, SavedViewForm())


def _list_response(request: StaffRequest, form: SavedViewForm) -> HttpResponse:
    index = _open_index(request.staff)
    sent = request.POST if form.is_bound else request.GET
    team = colleagues_of(request.staff.keys)
    page = lists.case_list(request.staff, index, sent, names_of(team))
    context = {
        "page": page,
        "filter_form": CaseFilterForm(chosen=page.fields, choices=_filter_choices(request.staff, index, team)),
        "form": form,
        "list_notice": list_notice.notice_of(index),
    }
    return render(request, "cases/list.html", context, status=422 if form.is_bound else 200)


def _filter_choices(staff: Staff, index: IndexView, team: tuple[Colleague, ...]) -> dict[str, Any]:
    """Return the choices of each filter: what some case has, and of the rest what every office has."""
    texts = {kind: {value.normal: value.text for value in index.facet_values(kind)} for kind in facets.KINDS}
    by_id = {
        kind: [(value_id, texts[kind][normal]) for value_id, normal in ids.items()]
        for kind, ids in ids_of_values(staff.keys, index).items()
    }
    stages = index.count_cases().by_stage
    leads = [person for person in team if person.member_id.hex in texts[facets.MEMBER]]
    return {
        **by_id,
        "stage": [(code, label) for code, label in labels.STAGES.items() if code in stages],
        "relief": [(code, labels.label_of(labels.RELIEF, code)) for code in texts[facets.RELIEF]],
        "lead": member_choices(leads),
    }


@staff_view(methods=["GET", "POST"])
def save_view(request: StaffRequest) -> HttpResponse:
    """Save the filters of the list under a name, encrypted with the member's own settings."""
    if request.method != "POST":
        return see_other(reverse("cases:list"))
    form = SavedViewForm(request.POST)
    if form.is_valid():
        chosen = read_filter(request.staff.keys, _open_index(request.staff), request.POST)
        view = SavedView(
            id=uuid4(),
            name=form.cleaned_data["name"],
            show=chosen.show,
            sort=chosen.sort,
            stage=chosen.stage,
            relief=chosen.relief,
            court=chosen.court,
            judge=chosen.judge,
            language=chosen.language,
            lead=chosen.lead,
        )
        if try_action(form, lambda: saved_views.save_view(request.staff.keys, view)):
            return see_other(list_path(request.staff.keys, chosen), "view-saved")
    return _list_response(request, form)


@staff_view(methods=["POST"])
def remove_view(request: StaffRequest, view_id: UUID) -> HttpResponse:
    """Remove a saved view of the member."""
    try:
        known = {view.id for view in saved_views.read_views(request.staff.keys)}
    except OpenFailed:
        known = set()  # the list says that they do not open
    if view_id not in known:
        raise NotFound(f"view {view_id}")
    saved_views.remove_view(request.staff.keys, view_id)
    return see_other(reverse("cases:list"), "view-removed")


@staff_view(methods=["GET", "POST"])
def choose_act(request: StaffRequest) -> HttpResponse:
    """Ask what the act on the selected cases needs: a new lead, or a task. Nothing is saved yet."""
    if request.method != "POST":
        return see_other(reverse("cases:list"))
    return _selected_response(request, _act_of(request.POST.get("act", "")), None)


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def reassign_selected(request: StaffRequest) -> HttpResponseBase:
    """Give the selected cases a new lead, each in a transaction of its own."""
    return _change_selected(request, REASSIGN)


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def add_task_to_selected(request: StaffRequest) -> HttpResponseBase:
    """Add a task to the selected cases, each in a transaction of its own."""
    return _change_selected(request, TASK)


def _change_selected(request: StaffRequest, act: str) -> HttpResponseBase:
    if request.method != "POST":
        return see_other(reverse("cases:list"))
    selected, form = SelectedCasesForm(request.POST), _act_form(request, act)
    if not selected.is_valid() or not form.is_valid():
        return _selected_response(request, act, form)
    case_ids: tuple[UUID, ...] = selected.cleaned_data["case"]
    unchanged = _save(request.staff, act, case_ids, form)
    if not unchanged:
        return see_other(reverse("cases:list"), "cases-reassigned" if act == REASSIGN else "tasks-added")
    if len(unchanged) == len(case_ids):
        return _selected_response(request, act, form, unchanged=unchanged)
    context = {"changed": len(case_ids) - len(unchanged), "unchanged": _unchanged_lines(request.staff, unchanged)}
    return PageAfterSave(
        render_to_string("cases/selected_done.html", context, request=request), path=reverse("cases:list")
    )


def _save(staff: Staff, act: str, case_ids: tuple[UUID, ...], form: Forms) -> tuple[UnchangedCase, ...]:
    fields = form.cleaned_data
    if act == REASSIGN:
        return bulk.reassign_cases(staff, case_ids, lead=fields["lead"], with_work=fields["with_work"])
    return bulk.add_task_to_cases(staff, case_ids, text=fields["text"], due_on=fields["due_on"], owner=fields["owner"])


def _act_of(text: str) -> str:
    if text not in {REASSIGN, TASK}:
        raise NotFound("no such act")
    return text


def _act_form(request: StaffRequest, act: str, *, is_sent: bool = True) -> Forms:
    people = colleagues_of(request.staff.keys)
    posted = posted_data(request) if is_sent else None
    if act == REASSIGN:
        return ReassignForm(posted, people=people, initial={"with_work": True})
    return TaskForCasesForm(posted, people=people)


def _selected_response(
    request: StaffRequest, act: str, form: Forms | None, *, unchanged: tuple[UnchangedCase, ...] = ()
) -> HttpResponse:
    """Show the form of an act with the selected cases. Raises NotFound where none of them is open to the member."""
    selected = SelectedCasesForm(request.POST)
    case_ids: tuple[UUID, ...] = selected.cleaned_data["case"] if selected.is_valid() else ()
    lines = lists.selected_lines(_open_index(request.staff), case_ids)
    if case_ids and not lines:
        raise NotFound("none of these cases")
    shown = form or _act_form(request, act, is_sent=False)
    is_wrong = bool(selected.errors or unchanged or (shown.is_bound and shown.errors))
    context = {
        "form": shown,
        "selected": selected,
        "has_problem": is_wrong,
        "lines": lines,
        "unchanged": _unchanged_lines(request.staff, unchanged),
        "is_task": act == TASK,
        "action": reverse("cases:selected_task" if act == TASK else "cases:selected_reassign"),
    }
    return render(request, "cases/selected.html", context, status=422 if is_wrong else 200)


def _unchanged_lines(staff: Staff, unchanged: tuple[UnchangedCase, ...]) -> tuple[lists.UnchangedLine, ...]:
    return lists.unchanged_lines(_open_index(staff), unchanged, _("You cannot open this case."))


def _open_index(staff: Staff) -> IndexView:
    return reader.open_readable_view(staff.keys, zone=staff.zone)
