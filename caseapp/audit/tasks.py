"""Celery tasks of the audit trail."""

from celery import shared_task

from caseapp.audit import checkpoints


@shared_task(name="audit.checkpoint")
def write_checkpoints() -> None:
    """Sign the current end of every chain and send the notes to the witness."""
    checkpoints.checkpoint_all()
