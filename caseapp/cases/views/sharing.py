"""Views of the access to a case: sharing, ethical wall, move to another team, decoy mark."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.accounts.directory import members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import reauthentication
from caseapp.casefile import access_alerts, case_access, open_case, sharing
from caseapp.cases.forms.sharing import ShareForm, WallForm
from caseapp.lib.errors import NotFound
from caseapp.ui.display import case_header, member_lines
from caseapp.ui.display.colleagues import teams_of
from caseapp.ui.forms.form_saving import attempt, shown, typed
from caseapp.ui.forms.member_fields import GroupForm
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office

ACTS = {
    "share": "share_case",
    "share_team": "share_case",
    "unshare": "share_case",
    "wall": "wall_case",
    "move": "wall_case",
    "mark": "mark_case",
    "unmark": "mark_case",
}
DONE = {"share": "case-shared", "share_team": "case-shared", "unshare": "share-ended", "wall": "case-walled",
        "move": "case-widened", "mark": "case-marked", "unmark": "saved"}  # fmt: skip


# Not in one transaction: grants, which name members, must not be written together with the case. A copy of the
# database would otherwise show which members work on which case (`casefile/sharing.py`).
@staff_stream(methods=["GET", "POST"])
def access(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the people with access to a case and change it: share with a person or a team, wall off, move, mark."""
    staff = request.staff
    with office(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        openness = sharing.openness(staff, file)
        built_forms = _forms(request, staff, openness)
        context = _context(staff, file, openness, built_forms)
        if request.method != "POST":
            open_case.seen(staff, file)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST":
        _allow(staff, act, openness)
        form = built_forms.get(act, forms.Form(request.POST))
        if form.is_valid() and attempt(form, _doing(request, case_id, act, form)):
            return see_other(reverse("members:access", args=[case_id]), DONE[act])
        with office(staff.org_id):
            open_case.seen(staff, file)
        return shown(request, "cases/sharing.html", form, context)
    return shown(request, "cases/sharing.html", forms.Form(), context)


def _allow(staff: Staff, act: str, told: sharing.Openness) -> None:
    if act not in ACTS or not told.is_mine:
        raise NotFound("no such act")
    permissions.require(staff, ACTS[act])
    reauthentication.require(staff)


def _doing(request: StaffRequest, case_id: UUID, act: str, form: forms.Form) -> Callable[[], object]:
    staff, fields = request.staff, form.cleaned_data
    if act == "share":
        return partial(sharing.share_with_member, staff, case_id, UUID(fields["member"]), fields["until"])
    if act == "share_team":
        return partial(sharing.share_with_group, staff, case_id, UUID(fields["group"]))
    if act == "unshare":
        return partial(sharing.unshare, staff, case_id, _id(request.POST.get("share", "")))
    if act in {"mark", "unmark"}:
        return partial(access_alerts.mark, staff, case_id, marked=act == "mark")
    if act == "wall":
        return partial(sharing.wall_off, staff, case_id, [UUID(member_id) for member_id in fields["members"]])
    return partial(sharing.move, staff, case_id, staff.keys.group(UUID(fields["group"])))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound("no id") from exc


def _forms(request: StaffRequest, staff: Staff, told: sharing.Openness) -> dict[str, Any]:
    inside_ids = {person.member_id for person in told.people}
    active = members.read(staff.keys).active
    outside = [person for person in active if person.member_id not in inside_ids]
    inside = [person for person in active if person.member_id != staff.member_id]
    teams = [(group_id, name) for group_id, name in teams_of(staff.keys) if group_id != told.group_id]
    act = request.POST.get("act") if request.method == "POST" else None
    return {
        "share": ShareForm(typed(request) if act == "share" else None, people=outside, auto_id="share_%s"),
        "share_team": GroupForm(typed(request) if act == "share_team" else None, teams=teams, auto_id="with_%s"),
        "wall": WallForm(typed(request) if act == "wall" else None, people=inside, auto_id="wall_%s"),
        "move": GroupForm(typed(request) if act == "move" else None, teams=teams, auto_id="move_%s"),
    }


def _context(staff: Staff, file: SealedFile, told: sharing.Openness, made: dict[str, Any]) -> dict[str, Any]:
    return {
        "page": case_header.case_head(file),
        "told": told,
        "people": tuple(member_lines.person_line(person) for person in told.people),
        "share_form": made["share"] if told.is_mine and permissions.may(staff, "share_case") else None,
        "share_team": made["share_team"],
        "wall": made["wall"] if told.is_mine and permissions.may(staff, "wall_case") else None,
        "move": made["move"],
        "marks": told.is_mine and permissions.may(staff, "mark_case"),
        "is_marked": file.one(Access).record.marked,
        "has_teams": bool(made["move"].fields["group"].choices),
    }
