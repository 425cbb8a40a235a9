"""Django app of the guide."""

from django.apps import AppConfig


class HelpConfig(AppConfig):
    """Configuration of the guide, which has no tables."""

    name = "caseapp.help"
    label = "help"
