"""Django app of the intake room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Configuration of the intake app."""

    name = "caseapp.intake"
    label = "intake"
