"""Unusual opening: very many cases in an hour, or a case that nobody has reason to open. It tells; it stops nobody.

How many cases a member opened stands in this process's memory only: a table would tell it to a thief. With several
processes each counts for itself, so the true limit lies higher. A marked case says so in its own sealed record.
"""

import logging
import smtplib
import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.sending import dispatch
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office

HOUR = timedelta(hours=1)
MANY, MARKED = "many cases within an hour", "a marked case"
log = logging.getLogger("caseapp.casework")
_lock = threading.Lock()
_opened: dict[UUID, dict[UUID, datetime]] = {}  # member to case to when they last opened it
_told: dict[tuple[UUID, str], datetime] = {}


def look(staff: Staff, file: SealedFile) -> None:
    """Somebody opens a case. In the caller's transaction; colleagues are told once it commits, once an hour."""
    now, count = clock.now(), _count(staff.member_id, file.id)
    if count > settings.CASES_AN_HOUR and _is_new(staff.member_id, MANY, now):
        _tell_of(staff, MANY, None, count)
    if any(entry.record.marked for entry in file.all(Access)) and _is_new(staff.member_id, f"{MARKED} {file.id}", now):
        _tell_of(staff, MARKED, file.id, 1)


def mark(staff: Staff, case_id: UUID, *, marked: bool) -> None:
    """Mark a case as one that nobody should open, or take the mark away. The caller checked who asks.

    The case's people do not read of it in the case's own trail. Raises NotFound, Refused.
    """
    from caseapp.casefile.transaction import changing  # it notes what is changed, and so comes after this

    with changing(staff, case_id, what="") as draft:
        entry = draft.file.one(Access)
        entry.record.marked = marked
        draft.change(entry.id, entry.record)
        audit_trail.note_here(
            staff.keys, "settings.change", target=case_id, reason="marked" if marked else "mark taken away"
        )


def is_marked(staff: Staff, case_id: UUID) -> bool:
    """Whether a case is marked, in the caller's transaction. Raises NotFound."""
    return case_access.open_case(staff.keys, case_id).one(Access).record.marked


def _count(member_id: UUID, case_id: UUID) -> int:
    now = clock.now()
    with _lock:
        mine = {case: at for case, at in _opened.get(member_id, {}).items() if timedelta(0) <= now - at < HOUR}
        mine[case_id] = now
        _opened[member_id] = mine
        return len(mine)


def _is_new(member_id: UUID, what: str, now: datetime) -> bool:
    with _lock:
        for old in [one for one, at in _told.items() if now - at >= HOUR]:
            del _told[old]
        if (member_id, what) in _told:
            return False
        _told[member_id, what] = now
        return True


def _tell_of(staff: Staff, reason: str, case_id: UUID | None, count: int) -> None:
    # Not as an entry of the case: its people would read that it is marked.
    audit_trail.note_here(staff.keys, "unusual", target=case_id, reason=reason, count=count)
    org_id, member_id = staff.org_id, staff.member_id
    transaction.on_commit(lambda: threading.Thread(target=_tell_apart, args=(org_id, member_id), daemon=True).start())


def _tell_apart(org_id: UUID, member_id: UUID) -> None:
    try:
        tell(org_id, member_id)
    finally:
        connection.close()


def tell(org_id: UUID, member_id: UUID) -> int:
    """The constant urgent message to every supervisor and admin but the member; answers how many took it.

    It says nothing of what happened: who signs in finds it on the page of the trail. Never raises for a mail server.
    """
    now, sent = clock.now(), 0
    with office(org_id):
        reached = recipients.of_office(org_id)
        heads = [one for one in reached if (one.ways.admin or one.ways.supervisor) and one.ways.all]
        for one in [head for head in heads if head.member_id != member_id] or heads:
            try:
                dispatch.hand_over(one, "urgent", now.date(), step=f" unusual {now.hour}")
                sent += 1
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("member %s could not be told of unusual opening: %s", one.member_id, type(exc).__name__)
    return sent


def forget_process_state() -> None:
    """Nobody opened anything: for tests."""
    with _lock:
        _opened.clear()
        _told.clear()
