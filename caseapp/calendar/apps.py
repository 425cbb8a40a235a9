"""The room calendar as a Django app."""

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """No tables."""

    name = "caseapp.calendar"
    label = "calendar"
