"""Addresses of recovery."""

from django.urls import path

from caseapp.account.views import lost_access as lost
from caseapp.team.views import recovery_sheets as views

app_name = "recovery"
urlpatterns = [
    path("keys/recovery/", views.recovery, name="office"),
    path("keys/recovery/test/", views.test_file, name="test"),
    path("login/lost/", lost.ask, name="lost"),
    path("login/lost/<str:token>/", lost.back, name="back"),
]
