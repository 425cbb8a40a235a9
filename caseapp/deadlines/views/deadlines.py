"""Views of one deadline: adding it by hand, its working, and the acts on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.deadlines.forms.deadlines import ByHandForm, CheckForm, DoneForm, MoveForm, VersionForm, WaiveForm
from caseapp.deadlines.pages import deadline as pages
from caseapp.deadlines.services import acts, what_if
from caseapp.documents.panels import papers_of
from caseapp.lib.errors import NotFound
from caseapp.records.deadline import Deadline
from caseapp.ui.display.case_header import case_head
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.forms.form_saving import attempt, shown, typed
from caseapp.ui.requests.case_access import opened, opened_by
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
    "compare": (CheckForm, "deadline-compared"),
    "see": (VersionForm, "deadline-seen"),
    "reopen": (VersionForm, "deadline-reopened"),
    "undo": (VersionForm, "undone"),
}


@staff_view(methods=["GET", "POST"])
def new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a deadline by hand."""
    file = opened(request, case_id)
    form = ByHandForm(typed(request))
    if form.is_valid():
        cleaned = form.cleaned_data
        if attempt(form, lambda: acts.set_by_hand(request.staff, case_id, **cleaned)):
            return see_other(reverse("cases:case", args=[case_id]), "deadline-added")
    return shown(request, "deadlines/new.html", form, {"page": case_head(file)})


@staff_view(methods=["GET", "POST"])
def deadline(request: StaffRequest, deadline_id: UUID) -> HttpResponse:
    """Show a deadline with its working. POST: `act` is one of ACTS."""
    staff = request.staff
    file = opened_by(request, deadline_id)
    entry = file.get(deadline_id, Deadline)
    papers = tuple((paper.href.rstrip("/").rpartition("/")[2], paper.title) for paper in papers_of(file, staff.zone))
    context: dict[str, Any] = _forms(entry, papers)
    form: forms.Form = VersionForm(initial={"version": entry.version})
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ACTS:
            raise NotFound("no such act on a deadline")
        form_type, did = ACTS[act]
        if form_type is DoneForm:
            form = DoneForm(typed(request), auto_id="done_%s", papers=papers)
        else:
            form = form_type(typed(request), auto_id=f"{act}_%s")
        context[act] = form
        if form.is_valid() and attempt(form, _act(request, file, deadline_id, act, form.cleaned_data)):
            return see_other(reverse("deadlines:deadline", args=[deadline_id]), did)
        context["opened"] = act
    names = names_of(colleagues_of(staff.keys, file))
    context["page"] = pages.deadline_page(file, entry, names, staff, what_if.ways_of(staff)[0])
    return shown(request, "deadlines/deadline.html", form, context)


def _forms(entry: Entry[Deadline], papers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the forms of the page with their initial values."""
    version = {"version": entry.version}
    own = {"to": entry.record.moved_to, "target": entry.record.own_target_on, "reason": entry.record.moved_reason}
    return {
        "done": DoneForm(initial=version, auto_id="done_%s", papers=papers),
        "compare": CheckForm(initial=version, auto_id="compare_%s"),
        "waive": WaiveForm(initial=version, auto_id="waive_%s"),
        "move": MoveForm(initial={**version, **own}, auto_id="move_%s"),
    }


def _act(
    request: StaffRequest, file: SealedFile, deadline_id: UUID, act: str, told: dict[str, Any]
) -> Callable[[], object]:
    """Return the service call of an act."""
    staff, case_id, version = request.staff, file.id, told["version"]
    calls: dict[str, Callable[[], object]] = {
        "done": lambda: acts.mark_done(
            staff, case_id, deadline_id, version=version, document=told["document"], note=told["note"]
        ),
        "waive": lambda: acts.waive(staff, case_id, deadline_id, reason=told["reason"], version=version),
        "move": lambda: acts.move(
            staff, case_id, deadline_id, to=told["to"], target=told["target"], reason=told["reason"], version=version
        ),
        "check": lambda: acts.check(staff, case_id, deadline_id, version=version),
        "compare": lambda: acts.check(staff, case_id, deadline_id, version=version, on=told["on"]),
        "see": lambda: acts.see(staff, case_id, deadline_id, version=version),
        "reopen": lambda: acts.reopen(staff, case_id, deadline_id, version=version),
        "undo": lambda: acts.undo(staff, case_id, deadline_id, version=version),
    }
    return calls[act]
