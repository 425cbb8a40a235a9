"""Settings and entry points.

Importing the package makes our Celery app the one that `celery.current_app` returns in each process.
"""

from caseapp.config.celery import app as celery_app

__all__ = ["celery_app"]
