"""The journal of destructions: what a restore of an older database must destroy again.

One file in the data folder, outside the database. Each line is on disk before its half is destroyed; the lines are
signed with the key that signs the audit trail's checkpoints, and chained. Where the backup's target can be reached, its
copy gets the new lines at once (`docs/mechanisms/backup.md`).
"""

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from caseapp.lib import clock
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import journal
from caseapp.vault.core.archive.journal import DestroyedKind, JournalEntry
from caseapp.vault.errors import OpenFailed

FILE_NAME = "destructions.journal"
log = logging.getLogger("caseapp.accounts")


def record_destruction(kind: DestroyedKind, org_id: UUID, subject: UUID) -> None:
    """Append a line, on disk when this returns. Call it before the half is destroyed. Raises OSError."""
    record_destructions(kind, org_id, [subject])


def record_destructions(kind: DestroyedKind, org_id: UUID, subjects: Iterable[UUID]) -> None:
    """Append a line for each subject, all on disk when this returns. Raises OSError.

    A subject that the journal names already gets no second line.
    """
    with _locked_journal(Path(settings.JOURNAL_FILE)) as out:
        lines = _whole_lines(out)
        named = {line.split(" ")[4] for line in lines if line.split(" ")[2:4] == [kind, org_id.hex]}
        before = len(lines)
        for subject in subjects:
            if subject.hex not in named:
                previous = journal.hash_line(lines[-1]) if lines else journal.START
                entry = JournalEntry(len(lines) + 1, clock.now().date(), kind, org_id, subject)
                lines.append(journal.sign_line(server_keys.audit_key(), entry, previous))
                named.add(subject.hex)
        if len(lines) > before:
            _append(out, "".join(lines[before:]))
    if settings.BACKUP_TO:
        try:
            extend_copy(Path(settings.JOURNAL_FILE), Path(settings.BACKUP_TO) / FILE_NAME)
        except OSError as exc:
            log.warning("journal.not_copied %s", exc)


def confirmed_subjects(kind: DestroyedKind, org_id: UUID, subjects: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the subjects that a line of our own journal names, signed with this server's key.

    The journal is outside the database: who writes into the database can make no member's program end anything.
    """
    wanted = {subject.hex: subject for subject in subjects}
    if not wanted:
        return frozenset()
    public = hybrid.derive_verify_key(server_keys.audit_key())
    confirmed = set()
    for line in read_lines(Path(settings.JOURNAL_FILE)):
        parts = line.split(" ")[2:5]
        if parts[:2] == [kind, org_id.hex] and len(parts) == 3 and parts[2] in wanted:
            with suppress(OpenFailed):
                confirmed.add(journal.read_line(public, line).subject)
    return frozenset(confirmed)


def extend_copy(source: Path, copy: Path) -> bool:
    """Append to `copy` the lines that it lacks. Return False if it is not the beginning of ours. Raises OSError."""
    ours = read_lines(source)
    if not ours and not copy.exists():
        return True
    with _locked_journal(copy) as out:
        theirs = _whole_lines(out)
        if theirs != ours[: len(theirs)]:
            return False
        if len(ours) > len(theirs):
            _append(out, "".join(ours[len(theirs) :]))
    return True


def read_lines(path: Path) -> list[str]:
    """Return the complete lines of a journal; none where there is no file. Raises OSError."""
    try:
        return [line for line in path.read_text("ascii").splitlines(keepends=True) if line.endswith("\n")]
    except FileNotFoundError:
        return []


@contextmanager
def _locked_journal(path: Path) -> Iterator[IO[str]]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii", newline="\n") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        yield out


def _whole_lines(out: IO[str]) -> list[str]:
    """Return the complete lines, and cut off what a crash left of an incomplete one."""
    lines = [line for line in out.read().splitlines(keepends=True) if line.endswith("\n")]
    out.seek(0)
    out.truncate(sum(map(len, lines)))
    out.seek(0, os.SEEK_END)
    return lines


def _append(out: IO[str], lines: str) -> None:
    out.write(lines)
    out.flush()
    os.fsync(out.fileno())
