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
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.member_fields import ChooseTeamForm
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

PERMISSION_OF_ACT = {
    "share": "share_case",
    "share_team": "share_case",
    "unshare": "share_case",
    "wall": "wall_case",
    "move": "wall_case",
    "mark": "mark_case",
    "unmark": "mark_case",
}
DONE = {
    "share": "case-shared",
    "share_team": "case-shared",
    "unshare": "share-ended",
    "wall": "case-walled",
    "move": "case-widened",
    "mark": "case-marked",
    "unmark": "saved",
}


# Not in one transaction: grants, which name members, must not be written together with the case. A copy of the
# database would otherwise show which members work on which case (`casefile/sharing.py`).
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def manage_access(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the people with access to a case and change it: share with a person or a team, wall off, move, mark."""
    staff = request.staff
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        openness = sharing.access_summary(staff, file)
        built_forms = _sharing_forms(request, staff, openness)
        context = _sharing_context(staff, file, openness, built_forms)
        if request.method != "POST":
            open_case.record_view(staff, file)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST":
        _require_permission(staff, act, openness)
        form = built_forms.get(act, forms.Form(request.POST))
        if form.is_valid() and try_action(form, _service_call(request, case_id, act, form)):
            return see_other(reverse("cases:access", args=[case_id]), DONE[act])
        with office_transaction(staff.org_id):
            open_case.record_view(staff, file)
        return render_form(request, "cases/sharing.html", form, context)
    return render_form(request, "cases/sharing.html", forms.Form(), context)


def _require_permission(staff: Staff, act: str, openness: sharing.AccessSummary) -> None:
    if act not in PERMISSION_OF_ACT or not openness.is_mine:
        raise NotFound("no such act")
    permissions.require(staff, PERMISSION_OF_ACT[act])
    reauthentication.require(staff)


def _service_call(request: StaffRequest, case_id: UUID, act: str, form: forms.Form) -> Callable[[], object]:
    staff, fields = request.staff, form.cleaned_data
    if act == "share":
        return partial(sharing.share_with_member, staff, case_id, UUID(fields["member"]), fields["until"])
    if act == "share_team":
        return partial(sharing.share_with_group, staff, case_id, UUID(fields["group"]))
    if act == "unshare":
        return partial(sharing.end_share, staff, case_id, _parse_id(request.POST.get("share", "")))
    if act in {"mark", "unmark"}:
        return partial(access_alerts.set_decoy_mark, staff, case_id, marked=act == "mark")
    if act == "wall":
        return partial(
            sharing.restrict_to_members, staff, case_id, [UUID(member_id) for member_id in fields["members"]]
        )
    return partial(sharing.move_to_group, staff, case_id, staff.keys.group(UUID(fields["group"])))


def _parse_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound("no id") from exc


def _sharing_forms(request: StaffRequest, staff: Staff, openness: sharing.AccessSummary) -> dict[str, Any]:
    inside_ids = {person.member_id for person in openness.people}
    active = members.read_directory(staff.keys).active_people
    outside = [person for person in active if person.member_id not in inside_ids]
    inside = [person for person in active if person.member_id != staff.member_id]
    teams = [(group_id, name) for group_id, name in teams_of(staff.keys) if group_id != openness.group_id]
    act = request.POST.get("act") if request.method == "POST" else None
    return {
        "share": ShareForm(posted_data(request) if act == "share" else None, people=outside, auto_id="share_%s"),
        "share_team": ChooseTeamForm(
            posted_data(request) if act == "share_team" else None, teams=teams, auto_id="with_%s"
        ),
        "wall": WallForm(posted_data(request) if act == "wall" else None, people=inside, auto_id="wall_%s"),
        "move": ChooseTeamForm(posted_data(request) if act == "move" else None, teams=teams, auto_id="move_%s"),
    }


def _sharing_context(
    staff: Staff, file: SealedFile, openness: sharing.AccessSummary, built_forms: dict[str, Any]
) -> dict[str, Any]:
    share, has_teams = built_forms["share"], bool(built_forms["move"].fields["group"].choices)
    may_share = openness.is_mine and permissions.is_permitted(staff, "share_case")
    may_wall = openness.is_mine and permissions.is_permitted(staff, "wall_case")
    return {
        "page": case_header.case_head(file),
        "is_locked_down": staff.locked_down and (may_share or may_wall),
        "told": openness,
        "people": tuple(member_lines.person_line(person) for person in openness.people),
        "share_form": share if may_share and share.has_people and not staff.locked_down else None,
        "may_share_with_teams": may_share and not staff.locked_down and has_teams,
        "is_open_to_all": may_share and not share.has_people,
        "may_end_shares": may_share,
        "share_team": built_forms["share_team"],
        "wall": built_forms["wall"] if may_wall and not staff.locked_down else None,
        "move": built_forms["move"],
        "marks": openness.is_mine and permissions.is_permitted(staff, "mark_case"),
        "is_marked": file.get_only(Access).record.marked,
        "has_teams": has_teams,
    }
