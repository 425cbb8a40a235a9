"""PostgreSQL of a data folder for the length of a command, where Caseapp itself does not run."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.cli.stack.embedded import Postgres
from caseapp.cli.stack.supervisor import die_with_parent

START_TIMEOUT = 60.0  # seconds
STOP_TIMEOUT = 30.0


@contextmanager
def local_postgres(folder: DataFolder, *, fresh: bool = False, durable: bool = True) -> Iterator[Postgres]:
    """Start the folder's PostgreSQL, creating its cluster if there is none, and stop it at the end.

    fresh    begin with an empty cluster
    durable  False: the cluster is thrown away afterwards (a drill). Raises CannotStart.
    """
    server = Postgres(folder.postgres, folder.password("db-admin"), durable=durable)
    _wait_for_end_of(server)
    if fresh:
        shutil.rmtree(folder.postgres, ignore_errors=True)
    server.prepare_cluster()
    with (folder.logs / "postgres.log").open("ab") as log:
        process = subprocess.Popen(
            server.command,
            user=server.user,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "TMPDIR": str(server.temp)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=die_with_parent,
        )
    try:
        give_up = time.monotonic() + START_TIMEOUT
        while not server.is_ready():
            if process.poll() is not None or time.monotonic() > give_up:
                raise BackupRefused(f"PostgreSQL did not start; {folder.logs}/postgres.log says why.")
            time.sleep(0.05)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # its fast stop, which does not wait for clients
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_end_of(server: Postgres) -> None:
    """Wait until the server that a killed command left behind has stopped: the kernel signals it."""
    give_up = time.monotonic() + STOP_TIMEOUT
    while server.cluster.exists() and server.is_ready():
        if time.monotonic() > give_up:
            raise BackupRefused(f"The database in {server.folder} is in use: stop Caseapp there first.")
        time.sleep(0.1)
