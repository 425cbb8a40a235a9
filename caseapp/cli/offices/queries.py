"""SQL of `caseapp office`, for the owner's role: it reads and deletes the rows of one office in every table."""

from uuid import UUID

from django.db import connection

from caseapp.cli.stack.database import TABLES_QUERY
from caseapp.vault.models import RemovedOffice

REMOVAL_LOCK = 0x0CA5EA99_0000_0021  # advisory lock of the session: one removal at a time

_OPEN_TRANSACTIONS = """
SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
"""


def show_office(org_id: UUID) -> None:
    """Set the office whose rows this transaction sees, also of an office that is being removed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('caseapp.org', %s, true)", [str(org_id)])


def tables_of_offices() -> list[str]:
    """Return every table that has rows of offices, those that send mail first, the order of removal left out."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES_QUERY)
        names = [str(name) for name, has_org_id in cursor.fetchall() if has_org_id]
    ours = set(names) - {RemovedOffice._meta.db_table}
    return sorted(ours, key=lambda name: (not name.startswith("reminders_"), name))


def count_rows(org_id: UUID, table: str) -> int:
    """Return the number of an office's rows in a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE org_id = %s", [org_id])  # noqa: S608  # of the catalogue
        return int(cursor.fetchall()[0][0])


def delete_rows(org_id: UUID, table: str, limit: int) -> int:
    """Delete up to `limit` rows of an office in a table. Return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE org_id = %s AND ctid IN"  # noqa: S608  # of the catalogue
            f" (SELECT ctid FROM {table} WHERE org_id = %s LIMIT %s)",
            [org_id, org_id, limit],
        )
        return int(cursor.rowcount)


def open_transactions() -> set[str]:
    """Return the transactions of this database that other connections have open now."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_TRANSACTIONS)
        return {str(name) for (name,) in cursor.fetchall()}


def try_removal_lock() -> bool:
    """Try to become the only removal, until this connection ends. Return False if another one runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REMOVAL_LOCK])
        return bool(cursor.fetchone() == (True,))


def rewrite_table(table: str, lock_timeout: str) -> None:
    """Write a table anew without its deleted rows, outside any transaction. Raises OperationalError if it is used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [lock_timeout])
        cursor.execute(f"VACUUM (FULL) {table}")
