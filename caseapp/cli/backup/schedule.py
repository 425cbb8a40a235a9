"""`caseapp serve backup`: a backup a day, where CASEAPP_BACKUP_TO is set. Runs next to web, worker and beat.

Each run is a process of its own. Between the runs the target's copy of the journal of destructions is kept up to date,
and halves that are older than 14 days are deleted, whether or not a backup succeeds.
"""

import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from caseapp.accounts.members import destruction_journal
from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.target import Target, delete_old_halves, instant_of
from caseapp.cli.stack.data_folder import choose_folder
from caseapp.lib import clock

EVERY = timedelta(hours=24)
RETRY_AFTER = timedelta(hours=1)
PAUSE = 60.0  # seconds between two looks
FAILED_SIGN = "backup failed"  # heartbeat name: since when the backups of the schedule fail


def run_schedule() -> None:
    """Back up whenever a day has passed since the last finished run. Never returns."""
    target = Target(Path(os.environ["CASEAPP_BACKUP_TO"]).expanduser().resolve())
    tried_at: datetime | None = None
    while True:
        now = clock.now()
        _tend(target, now)
        if is_due(target, now) and (tried_at is None or now - tried_at >= RETRY_AFTER):
            tried_at = now
            command = [sys.executable, "-m", "caseapp.cli.main", "backup", str(target.root)]
            ended = subprocess.run(command, check=False)
            _record(failed_since=now if ended.returncode else None)
        time.sleep(PAUSE)


def is_due(target: Target, now: datetime) -> bool:
    """Return whether the last finished run is a day old, or there is none."""
    try:
        names = target.run_names()
        return not names or now - instant_of(names[-1]) >= EVERY
    except (BackupRefused, ValueError):
        return True  # the run says why


def _tend(target: Target, now: datetime) -> None:
    with suppress(OSError):
        delete_old_halves(target, now)
        journal = choose_folder().root / destruction_journal.FILE_NAME
        if target.root.is_dir():
            destruction_journal.extend_copy(journal, target.journal)


def _record(failed_since: datetime | None) -> None:
    with suppress(psycopg.Error, KeyError), psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if failed_since is None:
            queries.end_condition(connection, FAILED_SIGN)
        else:
            queries.begin_condition(connection, FAILED_SIGN, failed_since)
