"""Django app of the today room."""

from django.apps import AppConfig


class TodayConfig(AppConfig):
    """Configuration of the today app, which has no tables."""

    name = "caseapp.today"
    label = "today"
