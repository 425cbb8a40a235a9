"""Django app of the operational tier."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """App configuration with a fixed label, because table names depend on it."""

    name = "caseapp.reminders"
    label = "reminders"
