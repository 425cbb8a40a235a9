"""Addresses of the room `reminders`."""

from django.urls import path

from caseapp.account.views import reminders

app_name = "reminders"
urlpatterns = [
    path("reminders/", reminders.settings, name="settings"),
    path("reminders/log/", reminders.log, name="log"),
]
