"""Pages of the members of the office: the list, invitations, approval, roles, teams."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.directory import groups, members, records
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import NotFound
from caseapp.reminders.sending import waiting_mail
from caseapp.team import pages
from caseapp.team.forms.members import BY_MAIL, InviteForm, JoinTeamForm, RoleForm, TeamForm
from caseapp.team.services import invitations as joining
from caseapp.team.services import roles
from caseapp.team.services import teams as teams_services
from caseapp.ui import limits
from caseapp.ui.display import member_lines
from caseapp.ui.display.colleagues import teams_of
from caseapp.ui.forms import set_up_steps
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import PageAfterSave, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction


@staff_view(methods=["GET"])
def list_members(request: StaffRequest) -> HttpResponse:
    """Show the members, the open invitations and the teams of the signed-in member."""
    return render(request, "team/list.html", {"page": pages.people_page(request.staff)})


@staff_view(methods=["GET", "POST"])
def invite_member(request: StaffRequest) -> HttpResponse:
    """Invite a new member. `?step=first` is the last step of the set-up."""
    reauthentication.require(request.staff)
    if request.method != "POST" and request.staff.locked_down:
        return limits.show_lockdown(request, _("Invite a colleague"))
    is_first = request.GET.get("step") == "first"
    steps = set_up_steps.step_context(set_up_steps.COLLEAGUE) if is_first else {}
    teams = teams_of(request.staff.keys)
    form = InviteForm(posted_data(request), teams=teams, initial={"language": request.staff.language})
    if form.is_valid():
        done = try_action(form, lambda: joining.invite_member(request.staff, **form.invitation_values()))
        if done and form.is_by_mail:
            return see_other(reverse("team:list"), "invited" if done.value.is_sent else "invitation-waits")
        if done:
            page = pages.hand_over_page(done.value.link, form.cleaned_data)
            shown = render_to_string("team/hand_over.html", {"page": page, **steps}, request)
            return PageAfterSave(shown, path=reverse("team:invitation", args=[done.value.id]))
    context = {"letters": pages.invitation_letters(), "is_mailed": form["delivery"].value() == BY_MAIL, **steps}
    return render_form(request, "team/invite.html", form, context)


@staff_view(methods=["GET", "POST"])
def review_invitation(request: StaffRequest, invitation_id: UUID) -> HttpResponse:
    """Show one invitation, approve it after the six words match (`act=let_in`), or withdraw it (`act=revoke`)."""
    reauthentication.require(request.staff)
    waiting = invitations.find_invitation(request.staff, invitation_id)
    if request.method == "POST" and request.POST.get("act") == "let_in":
        joining.approve_member(request.staff, invitation_id, fingerprint=request.POST.get("fingerprint", ""))
        return see_other(reverse("team:list"), "let-in")
    if request.method == "POST" and request.POST.get("act") == "revoke":
        joining.revoke_invitation(request.staff, invitation_id)
        return see_other(reverse("team:list"), "invitation-ended")
    if request.method == "POST":
        raise NotFound("no such act")
    line = pages.invitation_line(waiting, waiting_mail.states_of(request.staff.org_id))
    context = {"page": line, "words": waiting.words, "fingerprint": waiting.fingerprint}
    return render(request, "team/invitation.html", context)


@staff_view(methods=["GET", "POST"])
def edit_member(request: StaffRequest, member_id: UUID) -> HttpResponse:
    """Show one member and change their role (`act=role`, admins only) or teams (`act=team`).

    The caller adds a member only to teams the caller belongs to.
    """
    staff = request.staff
    person = members.read_directory(staff.keys).find_person(member_id)
    act = request.POST.get("act") if request.method == "POST" else None
    may_role = permissions.is_permitted(staff, "change_role")
    may_give_keys = permissions.is_permitted(staff, "make_team") and (act is not None or not staff.locked_down)
    seats = _own_teams_without(staff, member_id) if may_give_keys else []
    role = RoleForm(
        posted_data(request) if act == "role" else None,
        initial={
            "role": person.role,
            "is_admin": person.is_admin,
            "is_supervising": person.is_supervising,
            "is_conflict_officer": person.is_conflict_officer,
        },
    )
    team = JoinTeamForm(posted_data(request) if act == "team" else None, teams=seats, auto_id="team_%s")
    if act == "role":
        return _save_role(request, person, role, team, seats)
    if act == "team":
        if team.is_valid() and seats:
            reauthentication.require(staff)
            groups.add_members(staff.keys, UUID(team.cleaned_data["group"]), {member_id: groups.MEMBER})
            return see_other(reverse("team:member", args=[member_id]), "team-joined")
    elif act is not None or request.method == "POST":
        raise NotFound("no such act")
    return render_form(
        request,
        "team/member.html",
        team if act == "team" else role,
        _member_context(person, role, team, seats, may_role=may_role),
    )


def _save_role(
    request: StaffRequest, person: records.Person, role: RoleForm, team: JoinTeamForm, seats: Any
) -> HttpResponse:
    permissions.require(request.staff, "change_role")
    reauthentication.require(request.staff)
    if role.is_valid() and try_action(
        role, lambda: roles.change_role(request.staff, person.member_id, **role.cleaned_data)
    ):
        return see_other(reverse("team:member", args=[person.member_id]), "role-changed")
    return render_form(request, "team/member.html", role, _member_context(person, role, team, seats, may_role=True))


def _member_context(
    person: records.Person, role: RoleForm, team: JoinTeamForm, seats: Any, *, may_role: bool
) -> dict[str, Any]:
    return {
        "page": member_lines.person_line(person),
        "role_form": role if may_role else None,
        "team_form": team if seats else None,
        "remove": pages.removal_path(person.member_id) if may_role else "",
    }


def _own_teams_without(staff: Staff, member_id: UUID) -> list[tuple[UUID, str]]:
    return [
        (team.group, roster.name)
        for team, roster in groups.readable_rosters(staff.keys)
        if all(seat.member_id != member_id for seat in roster.members)
    ]


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)  # creating a group needs several transactions
def create_team(request: StaffRequest) -> HttpResponse:
    """Create a team."""
    reauthentication.require(request.staff)
    if request.method != "POST" and request.staff.locked_down:
        with office_transaction(request.staff.org_id):
            return limits.show_lockdown(request, _("New team"))
    others = [
        p for p in members.read_directory(request.staff.keys).active_people if p.member_id != request.staff.member_id
    ]
    form = TeamForm(posted_data(request), people=others)
    if form.is_valid():
        name = form.cleaned_data["name"]
        if try_action(
            form, lambda: teams_services.create_team(request.staff, name=name, members=form.chosen_members())
        ):
            return see_other(reverse("team:list"), "team-made")
    return render_form(request, "team/team_new.html", form, {})


@staff_view(methods=["GET"])
def show_team(request: StaffRequest, group_id: UUID) -> HttpResponse:
    """Show the members of a team that the signed-in member belongs to."""
    if all(team.group != group_id for team in request.staff.keys.teams):
        raise NotFound(f"team {group_id}")
    return render(request, "team/team.html", {"page": pages.team_page(request.staff, group_id)})
