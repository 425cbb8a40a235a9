"""URLs of account recovery."""

from django.urls import path

from caseapp.account.views import lost_access
from caseapp.team.views import recovery_sheets

app_name = "recovery"
urlpatterns = [
    path("keys/recovery/", recovery_sheets.manage_recovery, name="office"),
    path("keys/recovery/test/", recovery_sheets.download_test_file, name="test"),
    path("login/lost/", lost_access.request_recovery_link, name="lost"),
    path("login/lost/<str:token>/", lost_access.recover_account, name="back"),
]
