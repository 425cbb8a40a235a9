"""Deadlines: the working, and what people do with a date."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.cases import access
from caseapp.casework import deadlines
from caseapp.deadlines.records import Deadline
from caseapp.lib.errors import NotFound
from caseapp.web.answers import see_other
from caseapp.web.cases.pages import case_head
from caseapp.web.colleagues import colleagues_of, names_of
from caseapp.web.deadlines import pages
from caseapp.web.deadlines.forms import ByHandForm, MoveForm, VersionForm, WaiveForm
from caseapp.web.saving import attempt, shown, typed
from caseapp.web.staff import StaffRequest, staff_view

ACTS: dict[str, tuple[type[forms.Form], str]] = {
    "done": (VersionForm, "deadline-done"),
    "waive": (WaiveForm, "deadline-waived"),
    "move": (MoveForm, "deadline-changed"),
    "check": (VersionForm, "deadline-checked"),
    "differs": (VersionForm, "saved"),
    "reopen": (VersionForm, "undone"),
}


@staff_view(methods=["GET", "POST"])
def new(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """A date by hand."""
    file = access.open_case(request.staff.keys, case_id)
    form = ByHandForm(typed(request))
    if form.is_valid():
        told = form.cleaned_data
        if attempt(form, lambda: deadlines.set_by_hand(request.staff, case_id, **told)):
            return see_other(reverse("cases:case", args=[case_id]), "deadline-added")
    return shown(request, "deadlines/new.html", form, {"page": case_head(file)})


@staff_view(methods=["GET", "POST"])
def deadline(request: StaffRequest, deadline_id: UUID) -> HttpResponse:
    """The date with its working. POST: `act` is one of ACTS."""
    staff = request.staff
    file = access.open_case(staff.keys, access.case_of(staff.keys, deadline_id))
    entry = file.get(deadline_id, Deadline)
    context: dict[str, Any] = {
        "waive": WaiveForm(initial={"version": entry.version}, auto_id="waive_%s"),
        "move": MoveForm(
            initial={
                "version": entry.version,
                "to": entry.record.moved_to,
                "target": entry.record.own_target_on,
            },
            auto_id="move_%s",
        ),
    }
    form: forms.Form = VersionForm(initial={"version": entry.version})
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ACTS:
            raise NotFound("no such act on a deadline")
        form_type, did = ACTS[act]
        form = context[act] = form_type(typed(request), auto_id=f"{act}_%s")
        if form.is_valid() and attempt(form, _act(request, file.id, deadline_id, act, form.cleaned_data)):
            return see_other(reverse("deadlines:deadline", args=[deadline_id]), did)
        context["opened"] = act
    names = names_of(colleagues_of(staff.keys, file.group.group))
    context["page"] = pages.deadline_page(file, entry, names, staff)
    return shown(request, "deadlines/deadline.html", form, context)


def _act(
    request: StaffRequest, case_id: UUID, deadline_id: UUID, act: str, told: dict[str, Any]
) -> Callable[[], object]:
    """The one casework call of an act."""
    staff, version = request.staff, told["version"]
    calls: dict[str, Callable[[], object]] = {
        "done": lambda: deadlines.mark_done(staff, case_id, deadline_id, version=version),
        "waive": lambda: deadlines.waive(staff, case_id, deadline_id, reason=told["reason"], version=version),
        "move": lambda: deadlines.move(
            staff, case_id, deadline_id, to=told["to"], target=told["target"], reason=told["reason"], version=version
        ),
        "check": lambda: deadlines.check(staff, case_id, deadline_id, same=True, version=version),
        "differs": lambda: deadlines.check(staff, case_id, deadline_id, same=False, version=version),
        "reopen": lambda: deadlines.reopen(staff, case_id, deadline_id, version=version),
    }
    return calls[act]
