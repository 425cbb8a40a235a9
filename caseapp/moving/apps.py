"""Django app of the moving room."""

from django.apps import AppConfig


class MovingConfig(AppConfig):
    """Configuration of the moving app."""

    name = "caseapp.moving"
    label = "moving"
