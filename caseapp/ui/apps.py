"""Django app configuration of the ui room: templates, tags, static files and translations."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """App without database tables, shared by the pages of all features."""

    name = "caseapp.ui"
    label = "ui"
