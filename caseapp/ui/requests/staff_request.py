"""Who may use a page: signed in, past the recovery code, inside their office's transaction."""

from uuid import UUID

from django.http import HttpRequest

from caseapp.accounts.keys.staff import Staff
from caseapp.vault.store import SealedFile


class StaffRequest(HttpRequest):
    """A request whose person is known. `staff` is gone once the answer is made: a stream takes what it needs before."""

    staff: Staff
    opened: dict[UUID, SealedFile]  # cases that this request looked at (`opening.opened`)
