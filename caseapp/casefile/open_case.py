"""Looking at a case: whoever does it writes an entry, in the same transaction, or does not see it."""

import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import access_alerts, case_access
from caseapp.lib import clock
from caseapp.vault.store import SealedFile

# A paper comes to a browser in many parts: the viewer's page and its parts are one look, for this long.
ONE_LOOK = timedelta(minutes=15)
_Look = tuple[UUID, UUID]  # session (the member, where there is none), paper
_lock = threading.Lock()
_looks: dict[_Look, datetime] = {}


def open_case(staff: Staff, case_id: UUID) -> SealedFile:
    """The case's file, for somebody who looks at it. In the caller's transaction. Raises NotFound, OpenFailed."""
    file = case_access.open_case(staff.keys, case_id)
    seen(staff, file)
    return file


def seen(staff: Staff, file: SealedFile) -> None:
    """Somebody looks at a case that was opened in this transaction."""
    audit_trail.note_here(staff.keys, "case.open", file=file)
    access_alerts.look(staff, file)


def paper_seen(staff: Staff, file: SealedFile, document_id: UUID, *, is_download: bool = False) -> None:
    """Somebody looks at a paper of a case, or carries it off. Further parts of the same look write nothing."""
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
    with _lock:
        for old in [one for one, since in _looks.items() if now - since >= ONE_LOOK]:
            del _looks[old]
        _looks[look] = now


def forget_process_state() -> None:
    """Every paper is looked at for the first time: for tests."""
    with _lock:
        _looks.clear()
