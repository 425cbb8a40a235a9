"""Django app of the conflicts room."""

from django.apps import AppConfig


class ConflictsConfig(AppConfig):
    """Configuration of the conflicts app."""

    name = "caseapp.conflicts"
    label = "conflicts"
