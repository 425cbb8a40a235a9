"""Django app of the clients room."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Configuration of the clients app, which has no tables."""

    name = "caseapp.clients"
    label = "clients"

    def ready(self) -> None:
        """Register the upkeep jobs."""
        from caseapp.clients.services import upkeep_jobs  # needs the models

        upkeep_jobs.register_jobs()
