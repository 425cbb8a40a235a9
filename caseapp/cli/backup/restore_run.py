"""`caseapp restore`: fill an empty data folder from a backup. Repeating it after a crash ends in the same state."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from caseapp.cli import queries as cli_queries
from caseapp.cli.backup.archive import blob_copy, database_copy, queries
from caseapp.cli.backup.archive.database_copy import Migrations
from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.local_server import local_postgres
from caseapp.cli.backup.restore_folder import begin_restore, finish_restore, write_secrets
from caseapp.cli.backup.restore_source import WRONG_KEY, RestoreSource
from caseapp.cli.stack import database
from caseapp.cli.stack.data_folder import DataFolder, clean_folder, lock_folder, process_environment
from caseapp.lib.service_urls import read_database
from caseapp.vault.errors import OpenFailed

NAME = "caseapp"  # of the embedded database


@dataclass(frozen=True)
class RestoreResult:
    """The result of a restore."""

    epoch: int
    cases_destroyed: int
    members_removed: int
    offices_removed: int
    plans_left_out: int


def run_restore(source: RestoreSource, folder: DataFolder, say: Report, *, durable: bool = True) -> RestoreResult:
    """Restore into an empty folder and database. Raises BackupRefused, CannotStart; nothing is overwritten.

    durable  False: the folder is thrown away afterwards (a drill)
    """
    given = os.environ.get("DATABASE_URL", "")
    admin = os.environ.get("ADMIN_DATABASE_URL", "")
    if given and not admin:
        raise BackupRefused("Set ADMIN_DATABASE_URL too: a restore fills the database as its administrator.")
    _check_opens(source)
    if given:
        _check_database_is_empty(given, admin)
    begin_restore(folder, source, shared=not given and os.geteuid() == 0)
    with lock_folder(folder):
        clean_folder(folder)
        say(f"restoring the backup of {source.manifest.at:%Y-%m-%d %H:%M} UTC into {folder.root}")
        epoch = write_secrets(folder, source, keeps_passwords=bool(given))
        blobs = folder.root / "blobs" if "CASEAPP_BLOBS" not in os.environ else Path(os.environ["CASEAPP_BLOBS"])
        blob_copy.restore_blobs(source.blob_path, source.opener, blobs, source.kept_blobs, say)
        with _database(folder, given, admin, durable=durable) as (admin_url, database_url):
            result = _fill_database(source, folder, admin_url, database_url, epoch, say)
        finish_restore(folder)
    return result


def _check_opens(source: RestoreSource) -> None:
    """Open the smallest part, so that a wrong key is refused before anything is written."""
    if not source.read_files("keys"):
        raise BackupRefused(WRONG_KEY)


def _check_database_is_empty(given: str, admin: str) -> None:
    try:
        with psycopg.connect(_administrated(given, admin), connect_timeout=5) as connection:
            if queries.schema_mark(connection) == queries.RESTORE_MARK:
                return
            if cli_queries.has_table(connection, "accounts_door") and cli_queries.has_office(connection):
                raise BackupRefused("The database has an office already: nothing was changed.")
    except psycopg.OperationalError:
        if _is_database_there(given, admin):
            raise BackupRefused("The database is unreachable.") from None


def _is_database_there(given: str, admin: str) -> bool:
    """Return whether the server has the database; an error of the connection does not say so. Raises BackupRefused."""
    try:
        with psycopg.connect(
            read_database(admin, "ADMIN_DATABASE_URL").with_name("postgres").url, connect_timeout=5
        ) as connection:
            return queries.has_database(connection, read_database(given).name)
    except psycopg.OperationalError:
        raise BackupRefused("The database is unreachable.") from None


def _administrated(given: str, admin: str) -> str:
    return read_database(admin, "ADMIN_DATABASE_URL").with_name(read_database(given).name).url


@contextmanager
def _database(folder: DataFolder, given: str, admin: str, *, durable: bool) -> Iterator[tuple[str, str]]:
    """Yield the administrator's URL of an empty database of ours, and its URL for `DataFolder.with_role`."""
    passwords = database.read_role_passwords(folder)
    if given:
        database.create_roles_and_database(admin, read_database(given).name, passwords)
        admin_url = _administrated(given, admin)
        with psycopg.connect(admin_url, autocommit=True) as connection:
            queries.set_schema_mark(connection, queries.RESTORE_MARK)
            queries.drop_tables(connection)
        yield admin_url, given
        with psycopg.connect(admin_url, autocommit=True) as connection:
            queries.set_schema_mark(connection, "")
        return
    # Half a cluster of an interrupted restore is no use: the database is filled again from its beginning.
    with local_postgres(folder, fresh=True, durable=durable) as server:
        database.create_roles_and_database(server.admin_url(), NAME, passwords)
        yield server.admin_url(NAME), server.database_url(NAME)


def _fill_database(
    source: RestoreSource, folder: DataFolder, admin_url: str, database_url: str, epoch: int, say: Report
) -> RestoreResult:
    environment = process_environment(
        folder, database=database_url, role="owner", broker="redis://127.0.0.1:6379/0", origin=_origin()
    )
    os.environ.update(environment)
    import django

    django.setup()
    say("database: restoring")
    try:
        with (
            psycopg.connect(admin_url, autocommit=True) as connection,
            source.open_part("database") as pieces,
        ):
            head = database_copy.copy_in(connection, pieces, _migrate_to)
    except OpenFailed as problem:
        raise BackupRefused(f"The database of the backup could not be restored: {problem}.") from None
    database.bring_up_to_date()
    from caseapp.cli.backup import replay

    result = replay.replay_journal(source.later_entries, source.manifest.at)
    say("database: restored, counts and digests are those of the backup")
    return RestoreResult(epoch, result.cases, result.members, result.offices, int(head["plans"]))


def _origin() -> str:
    return os.environ.get("CASEAPP_ORIGIN") or "http://127.0.0.1:8000"


def _migrate_to(migrations: Migrations) -> None:
    """Make the tables as they were after these migrations. Raises BackupRefused."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    wanted = {(app, name) for app, name in migrations}
    if unknown := sorted(wanted - set(executor.loader.graph.nodes)):
        raise BackupRefused(
            f"This backup was made by another version of the program ({unknown[0][0]} {unknown[0][1]} is not known "
            "here): restore it with that version, then update."
        )
    last = dict(sorted(wanted))  # of each app the newest: names begin with a number
    executor.migrate(sorted(last.items()))
