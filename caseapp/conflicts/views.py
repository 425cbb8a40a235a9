"""Pages of conflict checks. Text travels by POST; a check of another member looks as if it did not exist."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.directory import conflict_group
from caseapp.conflicts import pages, panels
from caseapp.conflicts.forms import AnswerForm, AskForm
from caseapp.conflicts.services import checks, comparison, content, officer
from caseapp.conflicts.services.comparison import PersonMatches
from caseapp.conflicts.services.officer import OfficerCheck
from caseapp.index.errors import IndexDamaged
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.ui.display import case_header
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET"])
def list_checks(request: StaffRequest) -> HttpResponse:
    """Show the member's own checks; to a conflict officer also the queue and the register."""
    page = pages.list_page(request.staff, _requested_page(request.GET))
    return render(request, "conflicts/list.html", {"page": page})


@staff_view(methods=["GET", "POST"])
def ask(request: StaffRequest) -> HttpResponse:
    """Ask the conflict officer about a person, outside of a case."""
    form = AskForm(posted_data(request))
    if form.is_valid():
        person, note = form.person(), form.cleaned_data["note"]
        if sent := try_action(form, lambda: checks.ask(request.staff, content.SEARCH, (person,), note=note)):
            return see_other(reverse("conflicts:check", args=[sent.value]), "conflict-asked")
    return render_form(request, "conflicts/ask.html", form, _who_reads(request))


@staff_view(methods=["GET", "POST"])
def ask_about_case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show a case's check; ask about everyone in it (`act=all`) or about another person (`act=person`)."""
    file = open_case_file(request, case_id)
    act = request.POST.get("act") if request.method == "POST" else None
    if act not in {None, "all", "person"} or (request.method == "POST" and act is None):
        raise NotFound("no such act")
    path = reverse("conflicts:case", args=[case_id])
    form = AskForm(posted_data(request) if act == "person" else None, initial={"relation": content.ADVERSE})
    if act == "all":
        checks.request_check(request.staff, case_id, purpose=content.CASE)
        return see_other(path, "conflict-asked")
    if form.is_valid():
        person, note, ref = form.person(), form.cleaned_data["note"], file.get_only(Case).record.ref
        if try_action(
            form,
            lambda: checks.ask(request.staff, content.CASE, (person,), case_id=case_id, ref=ref, note=note),
        ):
            return see_other(path, "conflict-asked")
    context = {
        "page": case_header.case_head(file),
        "line": panels.check_line(request.staff, file),
        "zone": request.staff.zone,
        **_who_reads(request),
    }
    return render_form(request, "conflicts/case.html", form, context)


@staff_view(methods=["GET", "POST"])
def show_check(request: StaffRequest, check_id: UUID) -> HttpResponse:
    """Show one check: to an officer with its matches and the form of the answer, to the asker their own."""
    staff = request.staff
    if not conflict_group.is_officer(staff.keys):
        own = checks.own_check(staff.keys, check_id)
        if own is None or request.method == "POST":
            raise NotFound(f"conflict request {check_id}")
        return render(request, "conflicts/own.html", {"page": pages.own_page(staff, own)})
    check = officer.open_check(staff, check_id)
    compared = _compare(request, check) if request.method != "POST" and check.entry is None else None
    form = AnswerForm(posted_data(request))
    if form.is_valid() and try_action(form, lambda: officer.answer_check(staff, check_id, **form.answer_values())):
        return see_other(reverse("conflicts:list"), "conflict-answered")
    if request.method == "POST" and check.entry is None:
        compared = _compare(request, check)
    page = pages.check_page(staff, check, compared if check.entry is None else ())
    form.initial["shown"] = page.shown
    return render_form(request, "conflicts/check.html", form, {"page": page, "is_answered": check.entry is not None})


def _compare(request: StaffRequest, check: OfficerCheck) -> list[PersonMatches] | None:
    try:
        return comparison.find_all_matches(request.staff, check)
    except IndexDamaged:
        return None


def _who_reads(request: StaffRequest) -> dict[str, object]:
    return {"officers": panels.officer_names(request.staff), "admins": panels.admin_names(request.staff)}


def _requested_page(typed: QueryDict) -> int:
    text = typed.get("page", "1")
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= pages.MAX_PAGES:
        raise NotFound("no such page")
    return int(text)
