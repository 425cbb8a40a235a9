"""The room team as a Django app."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    """No tables."""

    name = "caseapp.team"
    label = "team"
