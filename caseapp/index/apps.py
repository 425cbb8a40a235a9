"""The index as a Django app: its two tables."""

from django.apps import AppConfig


class IndexConfig(AppConfig):
    """Label fixed, since table names rest on it."""

    name = "caseapp.index"
    label = "index"
