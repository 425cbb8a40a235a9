"""Imports at work in the background of a web process: one thread each, with the keys of an unlocked session.

The session's row is read again before each step, of a second or two. A lock, a sign-out, a removal or a lock-down ends
the thread there, and nothing is lost: the member goes on with it in any later session.
"""

import logging
import threading
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils import translation

from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sessions
from caseapp.lib import low_priority
from caseapp.lib.errors import CaseappError, NotFound, Refused, Unavailable
from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.services.importing import import_store, steps
from caseapp.moving.services.importing.shapes import AT_WORK

log = logging.getLogger("caseapp.moving")
_threads: dict[UUID, threading.Thread] = {}
_guard = threading.Lock()
STORAGE, UNREADABLE, OTHER = "storage", "unreadable", "other"  # why an import stopped
OF_ARCHIVE = frozenset(("archive", "changed", "newer"))  # codes of the refusals of an archive, kept as they are


def start(token: str, import_id: UUID) -> None:
    """Go on with an import in the background, unless this process does so already. `token`: the session's cookie."""
    with _guard:
        known = _threads.get(import_id)
        if known is not None and known.is_alive():
            return
        # A daemon: a server that stops does not wait. What is not committed is done again by the next step.
        thread = threading.Thread(target=_run, args=(token, import_id), name="import", daemon=True)
        _threads[import_id] = thread
        thread.start()


def is_at_work(import_id: UUID) -> bool:
    """Return whether this process works on an import now."""
    with _guard:
        known = _threads.get(import_id)
        return known is not None and known.is_alive()


def _run(token: str, import_id: UUID) -> None:
    low_priority.lower_priority()
    try:
        work_until_rest(token, import_id)
    finally:
        connection.close()
        with _guard:
            if _threads.get(import_id) is threading.current_thread():
                del _threads[import_id]


def work_until_rest(token: str, import_id: UUID) -> None:
    """Do steps of an import until it is at rest, or the session's keys may not be used any more."""
    work = steps.Work()
    while True:
        try:
            staff = sessions.open(token, is_activity=False)
        except (SessionGone, SessionLocked):
            log.info("import.paused")
            return
        try:
            with translation.override(staff.language):
                state = steps.advance(staff, import_id, work)
        except NotFound:
            return  # removed from the list, or no longer permitted
        except Exception as exc:
            log.error("import.stopped %s", exc)
            _note_problem(staff, import_id, exc)
            return
        if state.step not in AT_WORK or state.paused:
            return


def _note_problem(staff: Staff, import_id: UUID, exc: Exception) -> None:
    """Store why an import stopped, for its page. A database that does not answer keeps no reason either."""
    code = OTHER
    if isinstance(exc, UnreadableFile):
        code = UNREADABLE
    elif isinstance(exc, Refused) and exc.code in OF_ARCHIVE:
        code = exc.code
    elif isinstance(exc, Unavailable | OSError | DatabaseError):
        code = STORAGE
    try:
        import_store.note_problem(staff, import_id, code)
    except (CaseappError, DatabaseError):
        log.error("import.reason_not_kept")
