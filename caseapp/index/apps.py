"""Django app configuration of the index."""

from django.apps import AppConfig


class IndexConfig(AppConfig):
    """App configuration. The label is fixed because table names depend on it."""

    name = "caseapp.index"
    label = "index"
