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
ONE_VIEW = timedelta(minutes=15)
_ViewKey = tuple[UUID, UUID]  # session (the member when there is none), document
_lock = threading.Lock()
_recent_views: dict[_ViewKey, datetime] = {}


def open_and_record(staff: Staff, case_id: UUID) -> SealedFile:
    """Return the case's file and record that the member viewed it, in the caller's transaction.

    Raises NotFound, OpenFailed.
    """
    file = case_access.open_case(staff.keys, case_id)
    record_view(staff, file)
    return file


def record_view(staff: Staff, file: SealedFile, *, directory_version: int | None = None) -> None:
    """Record that the member viewed a case that was opened in this transaction, and check for unusual access.

    A case that is not in its newest known state is reported to supervisors and admins. `directory_version` as in
    `audit_trail.record_entry_in_transaction`.
    """
    audit_trail.record_entry_in_transaction(staff.keys, "case.open", file=file, directory_version=directory_version)
    access_alerts.report_doubt(staff, file)
    access_alerts.check_opening(staff, file)


def record_document_view(staff: Staff, file: SealedFile, document_id: UUID, *, is_download: bool = False) -> None:
    """Record that the member viewed or downloaded a document of a case. Repeated views in `ONE_VIEW` write nothing."""
    access_alerts.check_opening(staff, file)
    if is_download:
        audit_trail.record_entry_in_transaction(staff.keys, "document.download", file=file, target=document_id)
        return
    look = (staff.presence.session if staff.presence is not None else staff.member_id, document_id)
    now = clock.now()
    with _lock:
        since = _recent_views.get(look)
    if since is not None and timedelta(0) <= now - since < ONE_VIEW:
        return
    audit_trail.record_entry_in_transaction(staff.keys, "document.open", file=file, target=document_id)
    transaction.on_commit(lambda: _remember_view(look, now))


def _remember_view(view: _ViewKey, now: datetime) -> None:
    """Store the time of a view and drop those older than `ONE_VIEW`."""
    with _lock:
        for old in [key for key, since in _recent_views.items() if now - since >= ONE_VIEW]:
            del _recent_views[old]
        _recent_views[view] = now
