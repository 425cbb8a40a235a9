"""URLs of the reminder settings and the delivery log."""

from django.urls import path

from caseapp.account.views import reminders

app_name = "reminders"
urlpatterns = [
    path("reminders/", reminders.edit_reminder_settings, name="settings"),
    path("reminders/log/", reminders.show_delivery_log, name="log"),
]
