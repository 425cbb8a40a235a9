"""The room casefile as a Django app."""

from django.apps import AppConfig


class CasefileConfig(AppConfig):
    """No tables."""

    name = "caseapp.casefile"
    label = "casefile"
