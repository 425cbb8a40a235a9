"""Django app of the hearings room."""

from django.apps import AppConfig


class HearingsConfig(AppConfig):
    """App without tables."""

    name = "caseapp.hearings"
    label = "hearings"
