"""Addresses of the room `reminders`."""

from django.urls import path

from caseapp.account.views import reminders as views

app_name = "reminders"
urlpatterns = [
    path("reminders/", views.settings, name="settings"),
    path("reminders/log/", views.log, name="log"),
]
