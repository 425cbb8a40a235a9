"""URLs of members, teams, invitations, lock-down and recovery sheets."""

from django.urls import path

from caseapp.team.views import directory, lockdown, members, office, recovery_sheets, removal

app_name = "team"
urlpatterns = [
    path("staff/", members.list_members, name="list"),
    path("staff/invite/", members.invite_member, name="invite"),
    path("staff/invitations/<uuid:invitation_id>/", members.review_invitation, name="invitation"),
    path("staff/teams/new/", members.create_team, name="team_new"),
    path("staff/teams/<uuid:group_id>/", members.show_team, name="team"),
    path("staff/directory/", directory.review_directory, name="directory"),
    path("staff/office/", office.edit_country, name="office"),
    path("staff/lockdown/", lockdown.manage_lockdown, name="lockdown"),
    path("staff/<uuid:member_id>/", members.edit_member, name="member"),
    path("staff/<uuid:member_id>/remove/", removal.remove_member, name="remove"),
    path("keys/recovery/", recovery_sheets.manage_recovery, name="recovery"),
    path("keys/recovery/sheet/", recovery_sheets.keep_sheet, name="recovery_sheet"),
    path("keys/recovery/test/", recovery_sheets.download_test_file, name="recovery_test"),
]
