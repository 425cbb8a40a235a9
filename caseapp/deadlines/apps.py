"""Django app of the deadlines room."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """App without tables."""

    name = "caseapp.deadlines"
    label = "deadlines"

    def ready(self) -> None:
        """Register the upkeep jobs."""
        from caseapp.deadlines.services.upkeep import jobs as upkeep_jobs  # needs the models

        upkeep_jobs.register_jobs()
