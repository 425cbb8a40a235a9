"""SQL of commands that work without Django, which may not start: a connection is passed in."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import psycopg

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
