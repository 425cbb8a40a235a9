"""The twin as an app of its own project."""

from django.apps import AppConfig


class PlainTwinConfig(AppConfig):
    """The twin."""

    name = "caseapp.tools.bench.plain_twin"
    label = "plain_twin"
