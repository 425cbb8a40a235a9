"""The room hearings as a Django app."""

from django.apps import AppConfig


class HearingsConfig(AppConfig):
    """No tables."""

    name = "caseapp.hearings"
    label = "hearings"
