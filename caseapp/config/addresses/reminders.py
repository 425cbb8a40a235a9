"""URLs of the reminder settings and the delivery log."""

from django.urls import path

from caseapp.account.views import reminders

app_name = "reminders"
urlpatterns = [
    path("reminders/", reminders.settings, name="settings"),
    path("reminders/log/", reminders.log, name="log"),
]
