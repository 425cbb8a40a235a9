"""Django app of the trail room."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """Configuration of the trail app, which has no tables."""

    name = "caseapp.trail"
    label = "trail"
