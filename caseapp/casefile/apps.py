"""Django app of the case file room."""

from django.apps import AppConfig


class CasefileConfig(AppConfig):
    """App without tables."""

    name = "caseapp.casefile"
    label = "casefile"
