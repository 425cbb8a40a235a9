"""The room trail as a Django app."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """No tables."""

    name = "caseapp.trail"
    label = "trail"
