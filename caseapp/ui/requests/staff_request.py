"""Request of a signed-in member."""

from uuid import UUID

from django.http import HttpRequest

from caseapp.accounts.keys.staff import Staff
from caseapp.vault.store import SealedFile


class StaffRequest(HttpRequest):
    """Request with a known member.

    `staff` is removed after the response is built: a stream takes the values it needs before.
    """

    staff: Staff
    opened_cases: dict[UUID, SealedFile]  # cases this request opened, for the audit trail
