"""The room cases as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """No tables."""

    name = "caseapp.cases"
    label = "cases"
