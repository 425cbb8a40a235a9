"""Memory outside the database of the newest versions this server saw: of sealed files, indexes and the directory.

An attacker who writes into the database can put rows back to an earlier state that is consistent in itself. This
memory is not put back with them, so a version below the newest one seen reveals it. It contains ids and version numbers
only, as the database does, and no times. Where it is missing or unreadable nothing is known, and nothing fails.

After a restore of the database the operator raises the number in `session.epoch`, and a new memory begins
(`docs/operations.md`).
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction

SubjectKind = Literal["file", "index", "directory"]
BUSY_TIMEOUT = 2.0  # seconds to wait for another process that writes
_KIND_BYTES: dict[SubjectKind, bytes] = {"file": b"f", "index": b"i", "directory": b"d"}
_CREATE = """
CREATE TABLE IF NOT EXISTS seen (subject BLOB PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"""
_REMEMBER = """
INSERT INTO seen (subject, version) VALUES (?, ?)
ON CONFLICT (subject) DO UPDATE SET version = excluded.version WHERE excluded.version > version"""
log = logging.getLogger("caseapp.vault")


class _ThreadConnection(threading.local):
    """This thread's connection, and the process and file it belongs to."""

    connection: sqlite3.Connection | None = None
    opened_for: tuple[int, Path] | None = None


_thread_state = _ThreadConnection()


def newest_seen(kind: SubjectKind, org_id: UUID, subject: UUID) -> int:
    """Return the newest version seen, 0 if none. Read it before the row, or a save in between looks like a rollback."""
    return newest_of_each(kind, org_id, (subject,))[subject]


def newest_of_each(kind: SubjectKind, org_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, int]:
    """Return the newest version seen of each subject, as `newest_seen`."""
    newest = dict.fromkeys(subjects, 0)
    try:
        connection = _open_memory()
        for subject in newest:
            row = connection.execute(
                "SELECT version FROM seen WHERE subject = ?", [_subject_key(kind, org_id, subject)]
            ).fetchone()
            newest[subject] = row[0] if row else 0
    except (sqlite3.Error, OSError) as exc:
        _log_failure(exc)
    return newest


def remember_on_commit(kind: SubjectKind, org_id: UUID, subject: UUID, version: int) -> None:
    """Remember a version once the current transaction has committed; a lower one than remembered changes nothing."""
    transaction.on_commit(lambda: _remember(kind, org_id, subject, version), robust=True)


def forget_on_commit(kind: SubjectKind, org_id: UUID, subject: UUID) -> None:
    """Forget a subject that no longer exists, once the current transaction has committed."""
    transaction.on_commit(lambda: _forget(kind, org_id, subject), robust=True)


def forget_office(org_id: UUID) -> None:
    """Forget every subject of an office that no longer exists. Raises sqlite3.Error or OSError."""
    _open_memory().execute("DELETE FROM seen WHERE substr(subject, 2, 16) = ?", [org_id.bytes])


def check_memory() -> None:
    """Raise sqlite3.Error or OSError if the memory cannot be read and written. For `caseapp doctor`."""
    connection = _open_memory()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def _remember(kind: SubjectKind, org_id: UUID, subject: UUID, version: int) -> None:
    try:
        _open_memory().execute(_REMEMBER, [_subject_key(kind, org_id, subject), version])
    except (sqlite3.Error, OSError) as exc:
        _log_failure(exc)


def _forget(kind: SubjectKind, org_id: UUID, subject: UUID) -> None:
    try:
        _open_memory().execute("DELETE FROM seen WHERE subject = ?", [_subject_key(kind, org_id, subject)])
    except (sqlite3.Error, OSError) as exc:
        _log_failure(exc)


def _subject_key(kind: SubjectKind, org_id: UUID, subject: UUID) -> bytes:
    return _KIND_BYTES[kind] + org_id.bytes + subject.bytes


def _log_failure(exc: Exception) -> None:
    log.error("seen_versions.unavailable %s", exc)


def _open_memory() -> sqlite3.Connection:
    """Return this thread's connection. A forked process, or a raised restore epoch, opens a new one."""
    wanted = (os.getpid(), _memory_path())
    if _thread_state.connection is None or _thread_state.opened_for != wanted:
        _thread_state.connection = _connect(wanted[1])
        _thread_state.opened_for = wanted
    return _thread_state.connection


def _memory_path() -> Path:
    try:
        epoch = int(Path(settings.SESSION_EPOCH_FILE).read_text() or 0)
    except (FileNotFoundError, ValueError):
        epoch = 0
    return Path(settings.SEEN_VERSIONS_FOLDER) / f"{epoch}.sqlite"


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would create it with the umask's rights
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
    # A killed process loses nothing; a machine that loses power may lose the last few versions, and no more.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_CREATE)
    return connection
