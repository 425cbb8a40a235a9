"""Django app of the case file room."""

from django.apps import AppConfig


class CasefileConfig(AppConfig):
    """App with the table of findings."""

    name = "caseapp.casefile"
    label = "casefile"

    def ready(self) -> None:
        """Register the upkeep jobs."""
        from caseapp.casefile.upkeep import jobs  # needs the models

        jobs.register_jobs()
