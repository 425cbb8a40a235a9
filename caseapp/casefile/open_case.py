"""Opening a case for viewing: the audit entry is written in the same transaction, or the case is not shown."""

import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import access_alerts, case_access
from caseapp.lib import clock
from caseapp.vault.store import SealedFile

# A browser loads a document in many requests: the viewer page and its parts count as one view for this long.
ONE_LOOK = timedelta(minutes=15)
_Look = tuple[UUID, UUID]  # session (the member when there is none), document
_lock = threading.Lock()
_looks: dict[_Look, datetime] = {}


def open_case(staff: Staff, case_id: UUID) -> SealedFile:
    """Return the case's file and record that the member viewed it, in the caller's transaction.

    Raises NotFound, OpenFailed.
    """
    file = case_access.open_case(staff.keys, case_id)
    seen(staff, file)
    return file


def seen(staff: Staff, file: SealedFile) -> None:
    """Record that the member viewed a case that was opened in this transaction, and check for unusual access."""
    audit_trail.note_here(staff.keys, "case.open", file=file)
    access_alerts.look(staff, file)


def paper_seen(staff: Staff, file: SealedFile, document_id: UUID, *, is_download: bool = False) -> None:
    """Record that the member viewed or downloaded a document of a case. Repeated views in `ONE_VIEW` write nothing."""
    access_alerts.look(staff, file)
    if is_download:
        audit_trail.note_here(staff.keys, "document.download", file=file, target=document_id)
        return
    look = (staff.presence.session if staff.presence is not None else staff.member_id, document_id)
    now = clock.now()
    with _lock:
        since = _looks.get(look)
    if since is not None and timedelta(0) <= now - since < ONE_LOOK:
        return
    audit_trail.note_here(staff.keys, "document.open", file=file, target=document_id)
    transaction.on_commit(lambda: _remember(look, now))


def _remember(look: _Look, now: datetime) -> None:
    """Store the time of a view and drop those older than `ONE_VIEW`."""
    with _lock:
        for old in [key for key, since in _looks.items() if now - since >= ONE_LOOK]:
            del _looks[old]
        _looks[look] = now


def forget_process_state() -> None:
    """Forget all recent views of this process. For tests."""
    with _lock:
        _looks.clear()
