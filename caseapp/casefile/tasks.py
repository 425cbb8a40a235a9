"""Scheduled tasks. Each has no arguments, calls one service, returns nothing, and may run twice."""

from celery import shared_task

from caseapp.casefile.upkeep import housekeeping as housekeeping_casefile


@shared_task(name="reminders.housekeeping")
def run_housekeeping() -> None:
    """Delete what is no longer needed."""
    housekeeping_casefile.delete_expired()
