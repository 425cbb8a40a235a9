"""What the tests of one process do without: waiting for the disk, and emptying tables that are empty."""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

_USED = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' AND pg_relation_size(oid) > 0"


def do_without_disk_waits(patch: pytest.MonkeyPatch) -> None:
    """Let `os.fsync` return at once: the tests' database is not durable either. Whole stacks are processes apart."""
    patch.setattr(os, "fsync", lambda descriptor: None)


def empty_used_tables_only(patch: pytest.MonkeyPatch) -> None:
    """Truncate only tables that have pages after a test with real transactions; all of them take twenty times longer.

    The size of a table counts rows that row security hides.
    """
    truncate = DatabaseOperations.sql_flush

    def truncate_used(self: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(_USED, [list(tables)])
            return truncate(self, style, sorted(name for (name,) in cursor.fetchall()), **options)

    patch.setattr(DatabaseOperations, "sql_flush", truncate_used)
