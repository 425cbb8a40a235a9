"""`caseapp backup drill`: restore aside, open a case, compare, remove everything again.

The passphrase is typed at the drill and lives in this process only: not in arguments, environment or files. The drill
has a PostgreSQL of its own. Where the embedded servers are not installed (the image), it has a database of its own on
the server that Caseapp uses.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from caseapp.cli.backup import drill_member, drill_server
from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.key_file import OfflineKey
from caseapp.cli.backup.restore_run import run_restore
from caseapp.cli.backup.restore_source import open_source
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock, secret_files
from caseapp.vault.errors import OpenFailed
from caseapp.vault.shred_keys import DRILL_FOLDER

DRILL_SIGN = "backup drill"  # heartbeat name of the last drill that passed
LIVE_VARIABLES = ("DATABASE_URL", "ADMIN_DATABASE_URL", "CASEAPP_SECRETS", "CASEAPP_BLOBS", "CASEAPP_STATIC")


def run_drill(root: Path, key: OfflineKey, live: DataFolder, live_admin_url: str, say: Report) -> None:
    """Restore the newest backup of a target aside and open a case. Raises BackupRefused if anything is not right.

    live            the data folder of this machine, which stays unchanged
    live_admin_url  where the date of the drill is recorded; empty: Caseapp does not run here
    """
    source = open_source(root, key)
    server = drill_server.choose_server(live)
    member = drill_member.ask_for_member()
    for name in LIVE_VARIABLES:
        os.environ.pop(name, None)
    with _aside(live) as folder, drill_server.scratch_database(folder, server):
        os.environ["CASEAPP_DATA"] = str(folder.root)
        result = run_restore(source, folder, say, durable=False)
        from django.db import connections

        connections.close_all()
        with drill_server.started_again(folder, server):
            from caseapp.cli.backup import canary

            try:
                opened = canary.open_canary(member)
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
        root = live.root / DRILL_FOLDER  # the data folder has the space for it
        _remove(root)
    else:
        root = Path(tempfile.mkdtemp(prefix="caseapp-drill-")) / DRILL_FOLDER
    try:
        yield DataFolder(root)
    finally:
        _remove(root)
        if root.parent != live.root:
            root.parent.rmdir()


def _remove(root: Path) -> None:
    secret_files.destroy_folder(root / "secrets")
    shutil.rmtree(root, ignore_errors=True)
