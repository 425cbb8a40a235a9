"""Deadlines: the working, and what people do with a date."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.casework import deadlines, preview
from caseapp.deadlines.records import Deadline
from caseapp.lib.errors import NotFound
from caseapp.vault.store import Entry, SealedFile
from caseapp.web.answers import see_other
from caseapp.web.cases.pages import case_head, papers_of
from caseapp.web.colleagues import colleagues_of, names_of
from caseapp.web.deadlines import pages
from caseapp.web.deadlines.forms import ByHandForm, CheckForm, DoneForm, MoveForm, VersionForm, WaiveForm
from caseapp.web.deadlines.whatif import WhatIfForm, answers_of
from caseapp.web.opening import opened, opened_by
from caseapp.web.saving import attempt, shown, typed
from caseapp.web.staff import StaffRequest, staff_view

WHAT_IF = "deadlines/what-if.html"
# What people do: the form it comes with, and the code of the sentence that says it was done.
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
    """A date by hand."""
    file = opened(request, case_id)
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
    context["page"] = pages.deadline_page(file, entry, names, staff, preview.ways_of(staff)[0])
    return shown(request, "deadlines/deadline.html", form, context)


def _forms(entry: Entry[Deadline], papers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The forms of the page as they are first shown."""
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
    """The one casework call of an act."""
    staff, case_id, version = request.staff, file.id, told["version"]
    calls: dict[str, Callable[[], object]] = {
        "done": lambda: deadlines.mark_done(
            staff, case_id, deadline_id, version=version, document=told["document"], note=told["note"]
        ),
        "waive": lambda: deadlines.waive(staff, case_id, deadline_id, reason=told["reason"], version=version),
        "move": lambda: deadlines.move(
            staff, case_id, deadline_id, to=told["to"], target=told["target"], reason=told["reason"], version=version
        ),
        "check": lambda: deadlines.check(staff, case_id, deadline_id, version=version),
        "compare": lambda: deadlines.check(staff, case_id, deadline_id, version=version, on=told["on"]),
        "see": lambda: deadlines.see(staff, case_id, deadline_id, version=version),
        "reopen": lambda: deadlines.reopen(staff, case_id, deadline_id, version=version),
        "undo": lambda: deadlines.undo(staff, case_id, deadline_id, version=version),
    }
    return calls[act]


@staff_view(methods=["GET", "POST"])
def what_if(request: StaffRequest) -> HttpResponse:
    """Try dates without a case. POST computes and stores nothing."""
    staff = request.staff
    book, files_electronically = preview.ways_of(staff)
    start = {"zone": staff.zone, "electronic": files_electronically}
    form = WhatIfForm(typed(request), initial=start, book=book)
    context: dict[str, Any] = {}
    if form.is_only_shown:
        form.errors.clear()  # the list or the boxes are new: nothing is missing yet
        return render(request, WHAT_IF, {"form": form, "total": form.total})
    if form.is_valid():
        done = attempt(form, lambda: preview.what_if(staff, **form.values()))
        if done:
            context["answers"] = answers_of(done.value)
    return shown(request, WHAT_IF, form, {"total": form.total, **context})
