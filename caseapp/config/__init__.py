"""Settings and entry points. Importing it makes our queue the one that `celery.current_app` means in every process."""

from caseapp.config.celery import app as celery_app

__all__ = ["celery_app"]
