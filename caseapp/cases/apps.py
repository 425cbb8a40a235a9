"""Django app of the cases room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Configuration of the cases app, which has no tables."""

    name = "caseapp.cases"
    label = "cases"
