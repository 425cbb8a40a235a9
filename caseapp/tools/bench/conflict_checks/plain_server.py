"""A PostgreSQL with pg_trgm for the peer of the conflict bench: the bench's own, thrown away afterwards.

The embedded server has no contributed modules, so the system's PostgreSQL is started on a socket in a temporary folder.
"""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from caseapp.cli.stack.data_folder import CannotStart
from caseapp.cli.stack.supervisor import die_with_parent

START_TIMEOUT = 60.0  # seconds


class NoTrigrams(CannotStart):
    """This machine has no PostgreSQL with pg_trgm."""


@contextmanager
def trigram_server() -> "Iterator[psycopg.Connection[Any]]":
    """Yield a connection to an empty database with pg_trgm. Raises NoTrigrams."""
    programs = _find_programs()
    user = _other_user()
    with tempfile.TemporaryDirectory(prefix="caseapp-bench-", dir=_open_folder() if user else None) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        server = _start(programs, folder, user)
        try:
            with _connect(folder, server) as connection:
                connection.execute("CREATE EXTENSION pg_trgm")
                yield connection
        finally:
            server.terminate()
            server.wait(30)


def _find_programs() -> Path:
    for control in sorted(glob.glob("/usr/share/postgresql/*/extension/pg_trgm.control"), reverse=True):
        programs = Path("/usr/lib/postgresql") / Path(control).parts[4] / "bin"
        if (programs / "postgres").exists():
            return programs
    raise NoTrigrams("Install PostgreSQL with its contributed modules (postgresql-contrib) for the peer.")


def _other_user() -> str | None:
    """Return a user that may run PostgreSQL where this one, root, may not."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "pgserver", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoTrigrams("PostgreSQL does not run as root, and there is no user for it.")


def _open_folder() -> str | None:
    """Return a temporary folder that another user can reach: that of a running stack is closed. None: the usual one."""
    temp = Path(tempfile.gettempdir())
    is_open = all(folder.stat().st_mode & 0o001 for folder in (temp, *temp.parents))
    return None if is_open else "/tmp"  # noqa: S108  # the folder in it has a random name and its owner's mode


def _start(programs: Path, folder: Path, user: str | None) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL
    cluster = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True,
        user=user,
        cwd="/",
        stdout=quiet,
        stderr=quiet,
    )
    options = ("fsync=off", "listen_addresses=", "shared_buffers=512MB", "work_mem=64MB", "max_wal_size=4GB")
    command = [str(programs / "postgres"), "-D", str(cluster), "-k", str(folder)]
    for option in options:
        command += ["-c", option]
    return subprocess.Popen(command, user=user, cwd="/", stdout=quiet, stderr=quiet, preexec_fn=die_with_parent)


def _connect(folder: Path, server: "subprocess.Popen[bytes]") -> "psycopg.Connection[Any]":
    give_up = time.monotonic() + START_TIMEOUT
    while True:
        try:
            return psycopg.connect(host=str(folder), user="bench", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.1)
