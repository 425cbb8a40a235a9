"""Cases, their people, notes, tasks and what arrived."""

from uuid import UUID

from django.urls import reverse


def case_path(case_id: UUID) -> str:
    """Where a write in a case leads back to."""
    return reverse("cases:case", args=[case_id])
