"""SQL of commands that work without Django, which may not start: a connection is passed in."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]


def tables_with_forced_row_security(connection: Connection) -> set[str]:
    """Return the tables whose row-level security is forced for their owner too."""
    rows = connection.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    return {str(name) for (name,) in rows}


def strong_roles(connection: Connection, names: Iterable[str]) -> dict[str, bool]:
    """Return which of these roles exist, and of each whether it is superuser or may bypass or create what we limit."""
    rows = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)",
        [list(names)],
    )
    return {str(name): bool(is_strong) for name, is_strong in rows}


def settings_of(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Return the values of these settings."""
    rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)])
    return {str(name): str(setting) for name, setting in rows}


def has_table(connection: Connection, name: str) -> bool:
    """Return whether a table exists."""
    return connection.execute("SELECT to_regclass(%s) IS NULL", [name]).fetchone() == (False,)


def has_office(connection: Connection) -> bool:
    """Return whether an office exists. Raises UndefinedTable before the first migration."""
    return connection.execute("SELECT FROM accounts_door LIMIT 1").fetchone() is not None


def uptime(connection: Connection) -> timedelta:
    """Return for how long the database server has been running."""
    row = connection.execute("SELECT now() - pg_postmaster_start_time()").fetchone()
    return row[0] if row else timedelta(0)


def database_exists(connection: Connection, name: str) -> bool:
    """Return whether the server has a database of this name."""
    return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def database_size(connection: Connection, name: str) -> int:
    """Return the bytes that a database has on disk."""
    row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
    return int(row[0]) if row else 0


def copy_database(connection: Connection, name: str, copy: str, *, owner: str) -> None:
    """Copy a database that is not in use, as a whole or not, closed to every other role. Raises psycopg.Error."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    connection.execute(statement.format(sql.Identifier(copy), sql.Identifier(name), sql.Identifier(owner)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(copy)))


def rename_database(connection: Connection, name: str, new: str) -> None:
    """Rename a database that is not in use."""
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))


def drop_database(connection: Connection, name: str) -> None:
    """Drop a database, if there is one of this name, and end the connections to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
