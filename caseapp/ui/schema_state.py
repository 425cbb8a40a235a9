"""Comparison of the database with the program: a database that a newer program migrated is not used.

An older program does not know what newer tables and columns mean: what it saved could destroy what the newer one wrote.
"""

import time
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

LOOK_EVERY = 300.0  # seconds: a newer program may migrate the database while this one runs


class _Watch:
    """What this process found last. `looked_at`: monotonic seconds, None for a process that does not look."""

    is_newer = False
    looked_at: float | None = None


_watch = _Watch()


def find_newer_migrations() -> list[str]:
    """Return the migrations of the database that this program does not know, as `accounts.0009_name`."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    return sorted(f"{app}.{name}" for app, name in set(loader.applied_migrations) - set(loader.disk_migrations))


def start_watching() -> None:
    """Look now, and from now on every five minutes when a request asks."""
    _watch.looked_at = -LOOK_EVERY
    is_database_newer()


def is_database_newer() -> bool:
    """Return whether a newer program migrated the database. An unreachable database leaves the last answer."""
    if _watch.looked_at is not None and time.monotonic() - _watch.looked_at > LOOK_EVERY:
        _watch.looked_at = time.monotonic()
        with suppress(DatabaseError, InterfaceError):
            _watch.is_newer = bool(find_newer_migrations())
    return _watch.is_newer
