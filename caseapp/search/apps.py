"""Django app of the search room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Configuration of the search app, which has no tables."""

    name = "caseapp.search"
    label = "search"
