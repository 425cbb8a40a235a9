"""SQL of the audit tables: one statement an entry, because every opened case writes one."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection

CHECKPOINT_LOCK = 0x0CA5EA99_0000_0005  # advisory lock: one runner at a time


class StoredEntry(NamedTuple):
    """An entry as it is stored, with its place in its chain."""

    chain: UUID
    seq: int
    prev: bytes
    minute: int
    kid: bytes
    sealed: bytes


class HourRow(NamedTuple):
    """Key of an hour, sealed to the auditors."""

    org_id: UUID
    kid: bytes
    sealed: bytes


class CaseCopyRow(NamedTuple):
    """Copy of an entry that opens with the case's key."""

    org_id: UUID
    id: UUID
    tag: bytes
    sealed: bytes


_ENTRY_COLUMNS = "chain, seq, prev, minute, kid, sealed"
_LAST = f"SELECT {_ENTRY_COLUMNS} FROM audit_entry WHERE org_id = %s AND chain = %s ORDER BY seq DESC LIMIT 1"  # noqa: S608  # a constant
_HOUR = "INSERT INTO audit_hour (org_id, kid, sealed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_CASE = "INSERT INTO audit_case (org_id, id, tag, sealed) VALUES (%s, %s, %s, %s)"
_ENTRY = f"INSERT INTO audit_entry (org_id, {_ENTRY_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)"  # noqa: S608  # a constant
_ADD = f"WITH hour AS ({_HOUR}) {_ENTRY}"
_ADD_OF_CASE = f"WITH hour AS ({_HOUR}), told AS ({_CASE}) {_ENTRY}"
_SINCE = """
SELECT e.chain, e.seq, e.minute, e.sealed, e.kid, h.sealed FROM audit_entry e
LEFT JOIN audit_hour h ON h.org_id = e.org_id AND h.kid = e.kid
WHERE e.org_id = %s AND e.minute >= %s AND e.minute < %s
ORDER BY e.minute DESC, e.chain, e.seq DESC LIMIT %s
"""


def add_entry(hour: HourRow, entry: StoredEntry, copy: CaseCopyRow | None) -> None:
    """Insert an entry with the key of its hour and, for an entry about a case, the case's copy."""
    with connection.cursor() as cursor:
        if copy is None:
            cursor.execute(_ADD, (*hour, hour.org_id, *entry))
        else:
            cursor.execute(_ADD_OF_CASE, (*hour, *copy, hour.org_id, *entry))


def find_last_entry(org_id: UUID, chain: UUID) -> StoredEntry | None:
    """Return the last entry of a chain as this transaction sees it."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [org_id, chain])
        row = cursor.fetchone()
    return None if row is None else _stored_entry(row)


def chain_entries(org_id: UUID) -> list[StoredEntry]:
    """Return every entry of an office, by chain and number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_ENTRY_COLUMNS} FROM audit_entry WHERE org_id = %s ORDER BY chain, seq",  # noqa: S608  # a constant
            [org_id],
        )
        return [_stored_entry(row) for row in cursor.fetchall()]


def last_entries_since(org_id: UUID, minute: int) -> list[StoredEntry]:
    """Return the last entry of each chain that grew since a minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (chain) {_ENTRY_COLUMNS} FROM audit_entry WHERE org_id = %s"  # noqa: S608  # a constant
            " AND minute >= %s ORDER BY chain, seq DESC",
            [org_id, minute],
        )
        return [_stored_entry(row) for row in cursor.fetchall()]


def _stored_entry(row: tuple[UUID, int, bytes, int, bytes, bytes]) -> StoredEntry:
    chain, seq, prev, minute, kid, sealed = row
    return StoredEntry(chain, seq, bytes(prev), minute, bytes(kid), bytes(sealed))


def entries_between(org_id: UUID, first: int, end: int, limit: int) -> list[tuple[UUID, int, int, bytes, bytes, bytes]]:
    """Return (chain, seq, minute, sealed, kid, sealed key of the hour) from minute `first` to before `end`.

    Newest first; an hour whose key is missing has empty bytes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [org_id, first, end, limit])
        return [
            (chain, seq, minute, bytes(sealed), bytes(kid), bytes(hour or b""))
            for chain, seq, minute, sealed, kid, hour in cursor.fetchall()
        ]


def case_copies(org_id: UUID, tags: list[bytes]) -> list[tuple[UUID, bytes, bytes]]:
    """Return (row id, tag, sealed) of the case copies with these tags."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tag, sealed FROM audit_case WHERE org_id = %s AND tag = ANY(%s)", [org_id, tags])
        return [(row, bytes(tag), bytes(sealed)) for row, tag, sealed in cursor.fetchall()]


def try_checkpoint_lock() -> bool:
    """Try to become the only runner that writes checkpoints, until the transaction ends. Return False if another is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CHECKPOINT_LOCK])
        return bool(cursor.fetchone() == (True,))
