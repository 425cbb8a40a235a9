"""Views of one deadline: adding it by hand, its working, and the acts on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.accounts.directory.team_members import Colleague
from caseapp.casefile import office_law
from caseapp.deadlines.forms.deadlines import (
    AssignForm,
    ByHandForm,
    CompareForm,
    DoneForm,
    MoveForm,
    VersionForm,
    WaiveForm,
)
from caseapp.deadlines.pages import deadline as pages
from caseapp.deadlines.panels.chosen_reading import chosen_reading
from caseapp.deadlines.services import acts
from caseapp.documents.panels import document_choices
from caseapp.lib.errors import NotFound
from caseapp.records.deadline import Deadline
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file, open_case_file_of_record
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import Entry, SealedFile

# Act -> its form, and the code of the message shown after it.
ACTS: dict[str, tuple[type[forms.Form], str]] = {
    "done": (DoneForm, "deadline-done"),
    "waive": (WaiveForm, "deadline-waived"),
    "move": (MoveForm, "deadline-changed"),
    "check": (VersionForm, "deadline-checked"),
    "compare": (CompareForm, "deadline-compared"),
    "assign": (AssignForm, "deadline-assigned"),
    "see": (VersionForm, "deadline-seen"),
    "reopen": (VersionForm, "deadline-reopened"),
    "undo": (VersionForm, "undone"),
}


@staff_view(methods=["GET", "POST"])
def add_deadline(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a deadline by hand."""
    file = open_case_file(request, case_id)
    form = ByHandForm(posted_data(request), team=colleagues_of(request.staff.keys, file))
    if form.is_valid():
        cleaned = form.cleaned_data
        if try_action(form, lambda: acts.set_by_hand(request.staff, case_id, **cleaned)):
            return see_other(reverse("cases:case", args=[case_id]), "deadline-added")
    return render_form(request, "deadlines/new.html", form, {"page": case_head(file)})


@staff_view(methods=["GET", "POST"])
def deadline_detail(request: StaffRequest, deadline_id: UUID) -> HttpResponse:
    """Show a deadline with its working. POST: `act` is one of ACTS."""
    staff = request.staff
    file = open_case_file_of_record(request, deadline_id)
    entry = file.get(deadline_id, Deadline)
    papers = document_choices(file)
    team = colleagues_of(staff.keys, file)
    context: dict[str, Any] = _initial_forms(entry, papers, team)
    form: forms.Form = VersionForm(initial={"version": entry.version})
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ACTS:
            raise NotFound("no such act on a deadline")
        form_type, did = ACTS[act]
        further = {"papers": papers} if act == "done" else {"team": team} if act == "assign" else {}
        form = form_type(posted_data(request), auto_id=f"{act}_%s", **further)
        context[act] = form
        if form.is_valid() and try_action(form, _service_call(request, file, deadline_id, act, form.cleaned_data)):
            return see_other(reverse("deadlines:deadline", args=[deadline_id]), did)
        context["opened"] = act
    names = names_of(team)
    law = office_law.law_of(staff.keys)
    context["page"] = pages.deadline_page(file, entry, names, staff, law.book)
    context["reading"] = chosen_reading(law, entry.record, names_of(colleagues_of(staff.keys)))
    return render_form(request, "deadlines/deadline.html", form, context)


def _initial_forms(
    entry: Entry[Deadline], papers: tuple[tuple[str, str], ...], team: tuple[Colleague, ...]
) -> dict[str, Any]:
    """Return the forms of the page with their initial values."""
    version = {"version": entry.version}
    own = {"to": entry.record.moved_to, "target": entry.record.own_target_on, "reason": entry.record.moved_reason}
    return {
        "done": DoneForm(initial=version, auto_id="done_%s", papers=papers),
        "assign": AssignForm(initial={**version, "owner": entry.record.owner}, auto_id="assign_%s", team=team),
        "compare": CompareForm(initial=version, auto_id="compare_%s"),
        "waive": WaiveForm(initial=version, auto_id="waive_%s"),
        "move": MoveForm(initial={**version, **own}, auto_id="move_%s"),
    }


def _service_call(
    request: StaffRequest, file: SealedFile, deadline_id: UUID, act: str, cleaned: dict[str, Any]
) -> Callable[[], object]:
    """Return the service call of an act."""
    staff, case_id, version = request.staff, file.id, cleaned["version"]
    calls: dict[str, Callable[[], object]] = {
        "done": lambda: acts.mark_done(
            staff, case_id, deadline_id, version=version, document=cleaned["document"], note=cleaned["note"]
        ),
        "waive": lambda: acts.waive_deadline(staff, case_id, deadline_id, reason=cleaned["reason"], version=version),
        "move": lambda: acts.set_own_dates(
            staff,
            case_id,
            deadline_id,
            to=cleaned["to"],
            target=cleaned["target"],
            reason=cleaned["reason"],
            version=version,
        ),
        "assign": lambda: acts.reassign_deadline(staff, case_id, deadline_id, owner=cleaned["owner"], version=version),
        "check": lambda: acts.record_check(staff, case_id, deadline_id, version=version),
        "compare": lambda: acts.record_check(staff, case_id, deadline_id, version=version, on=cleaned["on"]),
        "see": lambda: acts.acknowledge_deadline(staff, case_id, deadline_id, version=version),
        "reopen": lambda: acts.reopen_deadline(staff, case_id, deadline_id, version=version),
        "undo": lambda: acts.undo_change(staff, case_id, deadline_id, version=version),
    }
    return calls[act]
