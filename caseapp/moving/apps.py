"""Django app of the moving room."""

from django.apps import AppConfig


class MovingConfig(AppConfig):
    """Configuration of the moving app."""

    name = "caseapp.moving"
    label = "moving"

    def ready(self) -> None:
        """Register the step of the hourly clean-up."""
        from caseapp.casefile.upkeep import housekeeping
        from caseapp.casefile.upkeep.housekeeping import HousekeepingStep
        from caseapp.moving.services.importing import import_store

        housekeeping.register_step(HousekeepingStep("imports", lambda now: import_store.delete_expired(now.date())))
