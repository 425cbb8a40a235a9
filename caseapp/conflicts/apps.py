"""Django app of the conflicts room."""

from django.apps import AppConfig


class ConflictsConfig(AppConfig):
    """App with the table of requests."""

    name = "caseapp.conflicts"
    label = "conflicts"

    def ready(self) -> None:
        """Register the upkeep job."""
        from caseapp.conflicts.services import upkeep  # needs the models

        upkeep.register_jobs()
