"""URLs of members, teams and invitations, and of the access to a case."""

from django.urls import path

from caseapp.account.views import join
from caseapp.cases.views import sharing
from caseapp.team.views import lockdown, members, removal

app_name = "members"
urlpatterns = [
    path("staff/", members.people, name="list"),
    path("staff/invite/", members.invite, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/", members.invitation, name="invitation"),
    path("staff/teams/new/", members.team_new, name="team_new"),
    path("staff/teams/<uuid:group_id>/", members.team, name="team"),
    path("staff/lockdown/", lockdown.page, name="lockdown"),
    path("staff/<uuid:member_id>/", members.member, name="member"),
    path("staff/<uuid:member_id>/remove/", removal.remove, name="remove"),
    path("cases/<uuid:case_id>/access/", sharing.access, name="access"),
    path("join/<str:token>/", join.join, name="join"),
    path("waiting/", join.waiting, name="waiting"),
]
