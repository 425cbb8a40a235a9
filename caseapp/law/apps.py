"""Django app configuration of `law`."""

from django.apps import AppConfig


class LawConfig(AppConfig):
    """App without database tables."""

    name = "caseapp.law"
    label = "law"
