"""`caseapp migrate`: bring the database up to date, all of it or nothing.

The migrations and the rights of the roles are one transaction: if a step fails, or the process or the machine dies, the
database is as it was. `--with-copy` (`caseapp up` and `caseapp upgrade`) also makes the backup that is set up, copies
the database inside its server before (its name with "_before"), lets the doctor look afterwards, and puts the copy back
if the new state is broken. The next run deals with a copy that an interrupted one left.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import psycopg

from caseapp.cli import queries
from caseapp.cli.stack import database
from caseapp.cli.stack.data_folder import MIN_FREE_BYTES, ROLES, CannotStart, choose_folder
from caseapp.cli.stack.embedded import socket_folder
from caseapp.lib.errors import error_location_of
from caseapp.lib.service_urls import Database, read_database
from caseapp.lib.version import program_version

NEWER_DATABASE, NOT_CHANGED = 3, 4  # exit codes
LOCK_TRIES = 3
# What must be in order after an upgrade. The other checks of the doctor look at things that do not change by it.
CHECKS = ("database", "migrations", "row security")
NEWER_SENTENCE = (
    "The database was changed by a newer version of Caseapp than this one ({version}): install the newer version. "
    "Until then nothing is shown or saved and no reminder goes out; nothing is lost."
)


@dataclass(frozen=True)
class UpgradedDatabase:
    """The database that is upgraded, and the names that its copies have in the same server."""

    database: Database
    server_url: str  # of another database of the server, as a role that may copy and rename
    is_embedded: bool  # no other program has used it since the last run of this one

    @property
    def name(self) -> str:
        return self.database.name

    @property
    def copy(self) -> str:
        """Return the name of the copy of the state before."""
        return f"{self.name}_before"

    @property
    def failed(self) -> str:
        """Return the name of the state that was given up."""
        return f"{self.name}_failed"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp migrate`."""
    text = "Bring tables, roles (if ADMIN_DATABASE_URL is given), grants and row-level security up to date."
    parser = subparsers.add_parser("migrate", description=text)
    parser.add_argument(
        "--with-copy", action="store_true", help="Copy the database before, and return to it on failure"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Migrate as the owner; can be run again at any time. Return 0, NEWER_DATABASE or NOT_CHANGED."""
    name = read_database(os.environ["DATABASE_URL"]).name
    if admin := os.environ.get("ADMIN_DATABASE_URL"):
        database.create_roles_and_database(admin, name, database.read_role_passwords(choose_folder()))
    import django

    django.setup()
    from caseapp.ui import schema_state

    if schema_state.find_newer_migrations():
        print(NEWER_SENTENCE.format(version=program_version()), file=sys.stderr)
        return NEWER_DATABASE
    if args.with_copy and (_copy_exists() or (_has_pending_migrations() and _has_office())):
        return _upgrade_with_copy(_find_database())
    if problem := _migrate_or_explain():
        print(problem, file=sys.stderr)
        return NOT_CHANGED
    print("The database is up to date.")
    return 0


def _find_database() -> UpgradedDatabase:
    used = read_database(os.environ["DATABASE_URL"])
    admin = os.environ.get("ADMIN_DATABASE_URL")
    server = read_database(admin, "ADMIN_DATABASE_URL") if admin else used
    is_embedded = used.host == str(socket_folder(choose_folder().postgres))
    return UpgradedDatabase(used, server.with_name("postgres").url, is_embedded)


def _copy_exists() -> bool:
    target = _find_database()
    with psycopg.connect(target.server_url, autocommit=True, connect_timeout=5) as server:
        return queries.database_exists(server, target.copy)


def _has_pending_migrations() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _has_office() -> bool:
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
            return queries.has_office(connection)
    except psycopg.errors.UndefinedTable:
        return False


def _upgrade_with_copy(target: UpgradedDatabase) -> int:
    """Copy, migrate, check; keep the new state or put the copy back. Return the exit code."""
    from django.db import connection

    is_migrated = not _has_pending_migrations()
    connection.close()  # a database in use cannot be copied
    with psycopg.connect(target.server_url, autocommit=True, connect_timeout=5) as server:
        queries.drop_database(server, target.failed)  # the last run was interrupted after it had returned
        if not is_migrated:
            _back_up()
            queries.drop_database(server, target.copy)
            _make_copy(server, target)
        if problem := _migrate_or_explain():
            queries.drop_database(server, target.copy)
            print(problem, file=sys.stderr)
            return NOT_CHANGED
        connection.close()
        if broken := _find_broken_checks():
            # Rows may have been saved since an interrupted run, unless the database is our own.
            if is_migrated and not target.is_embedded:
                raise CannotStart(f"The doctor is not content with {broken}; the state before is {target.copy}.")
            _return_to_copy(server, target)
            print(
                f"The new version does not work with this database ({broken}). It is as it was before: start the "
                "version of before.",
                file=sys.stderr,
            )
            return NOT_CHANGED
        queries.drop_database(server, target.copy)
    print(f"The database is up to date for Caseapp {program_version()}.")
    return 0


def _back_up() -> None:
    """Make the backup that is set up (`caseapp backup`), if one is. Raises CannotStart when it fails."""
    if not (os.environ.get("CASEAPP_BACKUP_TO") and (choose_folder().secrets / "backup.public").exists()):
        return
    command = [sys.executable, "-m", "caseapp.cli.main", "backup"]
    if subprocess.run(command, check=False).returncode != 0:
        raise CannotStart("The backup before the upgrade failed, so nothing was changed: see what it says above.")


def _make_copy(server: psycopg.Connection[tuple[object, ...]], target: UpgradedDatabase) -> None:
    """Copy the database inside its server. Raises CannotStart if it is in use or the disk has no room."""
    size = queries.database_size(server, target.name)
    free = shutil.disk_usage(choose_folder().root).free if target.is_embedded else None
    if free is not None and free < size + MIN_FREE_BYTES:
        raise CannotStart(
            f"The upgrade copies the database first ({size // 2**20} MB), and the disk has {free // 2**20} MB left: "
            "free space, and start again. Nothing was changed."
        )
    try:
        queries.copy_database(server, target.name, target.copy, owner=ROLES["owner"])
    except psycopg.errors.ObjectInUse:
        raise CannotStart(
            "Other programs use the database: stop web, worker and beat, and upgrade again. Nothing was changed."
        ) from None
    except (psycopg.errors.DiskFull, psycopg.errors.InsufficientPrivilege) as problem:
        raise CannotStart(
            f"The database cannot be copied ({type(problem).__name__}): nothing was changed; docs/operations.md says "
            "what the upgrade needs."
        ) from None


def _return_to_copy(server: psycopg.Connection[tuple[object, ...]], target: UpgradedDatabase) -> None:
    """Put the copy in the place of the database: both renames are one transaction."""
    with server.transaction():
        queries.rename_database(server, target.name, target.failed)
        queries.rename_database(server, target.copy, target.name)
    database.secure_copied_database(target.database.url, target.name)
    queries.drop_database(server, target.failed)


def _migrate_or_explain() -> str:
    """Migrate in one transaction; return a sentence if that failed, and then nothing was changed."""
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            database.bring_up_to_date()
        except Exception as problem:
            if isinstance(problem.__cause__, psycopg.errors.LockNotAvailable):
                print(f"Another program uses the tables (attempt {attempt} of {LOCK_TRIES}).", file=sys.stderr)
                continue
            # Its text could contain anything, so only its type and place are shown.
            return f"The database cannot be upgraded ({error_location_of(problem)}). It is as it was before."
        else:
            return ""
    return "Other programs use the tables: stop web, worker and beat, and upgrade again. Nothing was changed."


def _find_broken_checks() -> str:
    """Return the names of the checks that fail after an upgrade, in a process of its own, as the web's role."""
    only = [word for name in CHECKS for word in ("--only", name)]
    command = [sys.executable, "-m", "caseapp.cli.main", "doctor", "--json", *only]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    try:
        return ", ".join(check["name"] for check in json.loads(done.stdout)["checks"] if not check["ok"])
    except ValueError:
        return "the doctor"
