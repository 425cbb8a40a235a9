"""The room deadlines as a Django app."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """No tables."""

    name = "caseapp.deadlines"
    label = "deadlines"
