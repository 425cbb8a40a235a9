"""Addresses of people, teams, invitations, and of who a case is open to."""

from django.urls import path

from caseapp.account.views import join as joining
from caseapp.cases.views import sharing as access
from caseapp.team.views import lockdown
from caseapp.team.views import members as views
from caseapp.team.views import removal as removing

app_name = "members"
urlpatterns = [
    path("staff/", views.people, name="list"),
    path("staff/invite/", views.invite, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/", views.invitation, name="invitation"),
    path("staff/teams/new/", views.team_new, name="team_new"),
    path("staff/teams/<uuid:group_id>/", views.team, name="team"),
    path("staff/lockdown/", lockdown.page, name="lockdown"),
    path("staff/<uuid:member_id>/", views.member, name="member"),
    path("staff/<uuid:member_id>/remove/", removing.remove, name="remove"),
    path("cases/<uuid:case_id>/access/", access.access, name="access"),
    path("join/<str:token>/", joining.join, name="join"),
    path("waiting/", joining.waiting, name="waiting"),
]
