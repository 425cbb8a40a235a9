"""Django app of the deadlines room."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """App without tables."""

    name = "caseapp.deadlines"
    label = "deadlines"
