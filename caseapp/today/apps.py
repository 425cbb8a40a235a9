"""The room today as a Django app."""

from django.apps import AppConfig


class TodayConfig(AppConfig):
    """No tables."""

    name = "caseapp.today"
    label = "today"
