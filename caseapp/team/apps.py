"""Django app configuration of the team room."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    """App without database tables."""

    name = "caseapp.team"
    label = "team"

    def ready(self) -> None:
        """Register the upkeep job."""
        from caseapp.team.services import replayed_ends  # needs the models

        replayed_ends.register_jobs()
