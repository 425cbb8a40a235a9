"""The room law as a Django app."""

from django.apps import AppConfig


class LawConfig(AppConfig):
    """No tables."""

    name = "caseapp.law"
    label = "law"
