"""Django app configuration of the team room."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    """App without database tables."""

    name = "caseapp.team"
    label = "team"
