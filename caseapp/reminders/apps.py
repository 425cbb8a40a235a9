"""The operational tier as a Django app."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """Label fixed, since table names rest on it."""

    name = "caseapp.reminders"
    label = "reminders"
