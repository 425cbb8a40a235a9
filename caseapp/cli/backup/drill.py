"""`caseapp backup drill`: restore aside, open a case, compare, remove everything again.

The passphrase is typed at the drill and lives in this process only: not in arguments, environment or files.
"""

import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.key_file import OfflineKey
from caseapp.cli.backup.archive.local_server import local_postgres
from caseapp.cli.backup.restore_run import run_restore
from caseapp.cli.backup.restore_source import open_source
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock
from caseapp.vault.errors import OpenFailed

DRILL_SIGN = "backup drill"  # heartbeat name of the last drill that passed
FOLDER = "drill"  # in the data folder, which has the space for it
LIVE_VARIABLES = ("DATABASE_URL", "ADMIN_DATABASE_URL", "CASEAPP_SECRETS", "CASEAPP_BLOBS", "CASEAPP_STATIC")


def run_drill(root: Path, key: OfflineKey, live: DataFolder, live_admin_url: str, say: Report) -> None:
    """Restore the newest backup of a target aside and open a case. Raises BackupRefused if anything is not right.

    live            the data folder of this machine, which stays unchanged
    live_admin_url  where the date of the drill is recorded; empty: Caseapp does not run here
    """
    source = open_source(root, key)
    email, passphrase, ref = _ask_for_member()
    for name in LIVE_VARIABLES:
        os.environ.pop(name, None)
    with _aside(live) as folder:
        os.environ["CASEAPP_DATA"] = str(folder.root)
        result = run_restore(source, folder, say, durable=False)
        from django.db import connections

        connections.close_all()
        with local_postgres(folder, durable=False):
            from caseapp.cli.backup import canary

            try:
                opened = canary.open_canary(email, passphrase, ref)
            except OpenFailed:
                raise BackupRefused("The restored backup does not open with this passphrase.") from None
            finally:
                connections.close_all()
    say(f"a case opened: {opened.records} records, {opened.documents} documents, all whole")
    if result.cases_destroyed or result.members_removed:
        say(f"destroyed again: {result.cases_destroyed} cases; removed again: {result.members_removed} members")
    if live_admin_url:
        with suppress(psycopg.Error), psycopg.connect(live_admin_url, autocommit=True) as connection:
            queries.beat(connection, DRILL_SIGN, clock.now().replace(microsecond=0))


@contextmanager
def _aside(live: DataFolder) -> Iterator[DataFolder]:
    """Yield an empty folder for the drill, removed at the end; what a killed drill left is removed first."""
    if live.root.is_dir():
        root = live.root / FOLDER
        shutil.rmtree(root, ignore_errors=True)
    else:
        root = Path(tempfile.mkdtemp(prefix="caseapp-drill-")) / FOLDER
    try:
        yield DataFolder(root)
    finally:
        shutil.rmtree(root if root.parent == live.root else root.parent, ignore_errors=True)


def _ask_for_member() -> tuple[str, str, str]:
    """Ask for address, passphrase and reference; from standard input where there is no terminal."""
    if sys.stdin.isatty():
        email = input("E-mail address of a member: ")
        passphrase = getpass.getpass("Passphrase (not shown, not stored): ")
        ref = input("Reference of a case to open (empty: any): ")
    else:
        email, passphrase, ref = (sys.stdin.readline().rstrip("\n") for _ in range(3))
    if not email or not passphrase:
        raise BackupRefused("The drill opens a case with a member's own passphrase: type address and passphrase.")
    return email, passphrase, ref
