"""URLs of members, teams and invitations, and of the access to a case."""

from django.urls import path

from caseapp.account.views import join
from caseapp.cases.views import sharing
from caseapp.team.views import lockdown, members, removal

app_name = "members"
urlpatterns = [
    path("staff/", members.list_members, name="list"),
    path("staff/invite/", members.invite_member, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/", members.review_invitation, name="invitation"),
    path("staff/teams/new/", members.create_team, name="team_new"),
    path("staff/teams/<uuid:group_id>/", members.show_team, name="team"),
    path("staff/lockdown/", lockdown.manage_lockdown, name="lockdown"),
    path("staff/<uuid:member_id>/", members.edit_member, name="member"),
    path("staff/<uuid:member_id>/remove/", removal.remove_member, name="remove"),
    path("cases/<uuid:case_id>/access/", sharing.manage_access, name="access"),
    path("join/<str:token>/", join.accept_invitation, name="join"),
    path("waiting/", join.wait_for_approval, name="waiting"),
]
