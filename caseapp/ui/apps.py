"""The web as a Django app: templates, tags, static files and translations."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The only room that knows HTTP."""

    name = "caseapp.ui"
    label = "ui"
