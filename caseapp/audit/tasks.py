"""What the clock rings for the trail."""

from celery import shared_task

from caseapp.audit import checkpoints


@shared_task(name="audit.checkpoint")
def checkpoint() -> None:
    """Say and sign where the chains stand; tell the witness."""
    checkpoints.checkpoint_all()
