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

from caseapp.cli.stack.supervisor import die_with_parent

START_TIMEOUT = 60.0  # seconds


class NoTrigrams(Exception):
    """This machine has no PostgreSQL with pg_trgm."""


@contextmanager
def trigram_server() -> "Iterator[psycopg.Connection[Any]]":
    """Yield a connection to an empty database with pg_trgm. Raises NoTrigrams."""
    programs = _find_programs()
    user = _other_user()
    with tempfile.TemporaryDirectory(prefix="caseapp-bench-") as name:
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
