"""URLs of account recovery."""

from django.urls import path

from caseapp.account.views import lost_access
from caseapp.team.views import recovery_sheets

app_name = "recovery"
urlpatterns = [
    path("keys/recovery/", recovery_sheets.recovery, name="office"),
    path("keys/recovery/test/", recovery_sheets.test_file, name="test"),
    path("login/lost/", lost_access.ask, name="lost"),
    path("login/lost/<str:token>/", lost_access.back, name="back"),
]
