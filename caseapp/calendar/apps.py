"""Django app of the calendar room."""

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """Configuration of the calendar app, which has no tables."""

    name = "caseapp.calendar"
    label = "calendar"
