"""URLs of members, teams, invitations, lock-down and recovery sheets."""

from django.urls import path

from caseapp.team.views import directory, lockdown, members, office, recovery_sheets, removal

app_name = "team"
urlpatterns = [
    path("team/", members.list_members, name="list"),
    path("team/invite/", members.invite_member, name="invite"),
    path("team/invitations/<uuid:invitation_id>/", members.review_invitation, name="invitation"),
    path("team/teams/new/", members.create_team, name="team_new"),
    path("team/teams/<uuid:group_id>/", members.show_team, name="team"),
    path("team/directory/", directory.review_directory, name="directory"),
    path("office/", office.edit_country, name="office"),
    path("team/lockdown/", lockdown.manage_lockdown, name="lockdown"),
    path("team/<uuid:member_id>/", members.edit_member, name="member"),
    path("team/<uuid:member_id>/remove/", removal.remove_member, name="remove"),
    path("recovery/", recovery_sheets.manage_recovery, name="recovery"),
    path("recovery/sheet/", recovery_sheets.keep_sheet, name="recovery_sheet"),
    path("recovery/test/", recovery_sheets.download_test_file, name="recovery_test"),
]
