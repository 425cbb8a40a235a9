"""What the clock rings. Each takes nothing, calls one service, answers nothing, and may run twice."""

from celery import shared_task

from caseapp.casefile import housekeeping as housekeeping_casefile


@shared_task(name="reminders.housekeeping")
def housekeeping() -> None:
    """Forget what is no longer needed."""
    housekeeping_casefile.housekeeping()
