"""Paths of case pages."""

from uuid import UUID

from django.urls import reverse


def case_path(case_id: UUID) -> str:
    """Return the path of the case page, to which a write in a case redirects."""
    return reverse("cases:case", args=[case_id])
