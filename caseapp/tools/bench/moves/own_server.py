"""A PostgreSQL, keys and storage of a bench of its own, removed at the end: nothing of a real office is near it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caseapp.cli.stack import database
from caseapp.cli.stack.data_folder import CannotStart, DataFolder, make_secrets, process_environment
from caseapp.cli.stack.embedded import Postgres
from caseapp.cli.stack.supervisor import die_with_parent

DATABASE = "caseapp"
START_TIMEOUT = 60.0  # seconds


@contextmanager
def temporary_server() -> Iterator[None]:
    """Start an empty server and give its environment to this process, which must not have set Django up yet."""
    root = Path(tempfile.mkdtemp(prefix="caseapp-bench-", dir=_open_folder()))
    root.chmod(0o711)  # PostgreSQL's own user must pass through
    folder = DataFolder(root)
    for name in ("CASEAPP_SECRETS", "CASEAPP_BLOBS", "CASEAPP_MODE", "SMTP_URL", "BOUNCES_URL"):
        os.environ.pop(name, None)
    try:
        for private in (folder.temp, root / "blobs"):
            private.mkdir(mode=0o700)
        make_secrets(folder.secrets)
        server = Postgres(folder.postgres, folder.password("db-admin"))
        server.prepare_cluster()
        process = _start(server, root / "postgres.log")
        try:
            _fill(folder, server)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast stop: it does not wait for clients
            process.wait(60)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _open_folder() -> str | None:
    """Return a temporary folder that PostgreSQL's own user can reach; None: the usual one."""
    temp = Path(tempfile.gettempdir())
    is_open = all(folder.stat().st_mode & 0o001 for folder in (temp, *temp.parents))
    return None if is_open else "/tmp"  # noqa: S108  # the folder in it has a random name


def _start(server: Postgres, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        process = subprocess.Popen(
            server.command, user=server.user, cwd="/", stderr=out, process_group=0, preexec_fn=die_with_parent
        )
    give_up = time.monotonic() + START_TIMEOUT
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > give_up:
            process.kill()
            raise CannotStart(f"The PostgreSQL of this bench did not start: {log.read_text()[-500:]}")
        time.sleep(0.1)
    return process


def _fill(folder: DataFolder, server: Postgres) -> None:
    """Make roles, tables and row security, and set this process's environment to the web role."""
    database.create_roles_and_database(server.admin_url(), DATABASE, database.read_role_passwords(folder))
    plain = server.database_url(DATABASE)
    variables = {"broker": "redis://127.0.0.1:1/0", "origin": "http://127.0.0.1"}  # no queue is used
    owner = process_environment(folder, database=plain, role="owner", **variables)
    command = [sys.executable, "-m", "caseapp.cli.main", "migrate"]
    subprocess.run(command, env=owner, check=True, stdout=subprocess.DEVNULL)
    os.environ.update(process_environment(folder, database=plain, role="web", **variables))
