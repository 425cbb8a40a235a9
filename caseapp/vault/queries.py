"""SQL of the vault's tables: plain statements, because opening a case is one query and a save a few."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

RecordRow = tuple[UUID, UUID, UUID, int, int, bytes]  # office, record, file, version, key version, sealed

_LOAD = """
SELECT NULL::uuid, NULL::bigint, kver, wraps FROM vault_case WHERE org_id = %s AND case_id = %s
UNION ALL
SELECT id, version, kver, sealed FROM vault_record WHERE org_id = %s AND case_id = %s
"""

_STORED_VERSIONS = """
SELECT id, version, kver, sealed FROM vault_record WHERE org_id = %s AND case_id = %s
UNION ALL
SELECT id, version, kver, sealed FROM vault_past WHERE org_id = %s AND case_id = %s
"""

_KEEP_PAST = """
INSERT INTO vault_past (org_id, id, version, case_id, kver, sealed)
SELECT org_id, id, version, case_id, kver, sealed FROM vault_record
WHERE org_id = %s AND id = ANY(%s) ON CONFLICT DO NOTHING
"""

_WRITE = """
INSERT INTO vault_record (org_id, id, case_id, version, kver, sealed) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (org_id, id) DO UPDATE SET version = EXCLUDED.version, kver = EXCLUDED.kver, sealed = EXCLUDED.sealed
WHERE vault_record.case_id = EXCLUDED.case_id
"""

_DELETE_FILE = (
    "DELETE FROM vault_past WHERE org_id = %s AND case_id = %s",
    "DELETE FROM vault_record WHERE org_id = %s AND case_id = %s",
    "DELETE FROM vault_case WHERE org_id = %s AND case_id = %s",
)


# An office that is being removed is shown to no transaction that begins after the order, so nothing is written to it.
_SET_OFFICE = """
SELECT set_config(
    'caseapp.org', CASE WHEN EXISTS (SELECT FROM vault_removed WHERE org_id = %s) THEN '' ELSE %s END, true)
"""


def ping_database() -> None:
    """Ask the database for an answer. Raises OperationalError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def set_office(org_id: UUID) -> None:
    """Set the office whose rows this transaction sees; of a removed office it sees none."""
    with connection.cursor() as cursor:
        cursor.execute(_SET_OFFICE, [org_id, str(org_id)])


def lock_head(org_id: UUID, file_id: UUID) -> None:
    """Lock the row of a file's head until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM vault_record WHERE org_id = %s AND id = %s FOR UPDATE", [org_id, file_id])


def load_file(org_id: UUID, file_id: UUID) -> tuple[dict[int, bytes], dict[UUID, tuple[int, int, bytes]]]:
    """Return a file's wraps by key version, and (version, key version, sealed) of each record by its id."""
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [org_id, file_id, org_id, file_id])
        rows = cursor.fetchall()
    key_wraps = {kver: bytes(blob) for record_id, _, kver, blob in rows if record_id is None}
    records = {row[0]: (row[1], row[2], bytes(row[3])) for row in rows if row[0] is not None}
    return key_wraps, records


def find_file_id(org_id: UUID, record_id: UUID) -> UUID | None:
    """Return the id of the file that contains a record, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id FROM vault_record WHERE org_id = %s AND id = %s", [org_id, record_id])
        row = cursor.fetchone()
    return None if row is None else UUID(str(row[0]))


def find_past_version(org_id: UUID, record_id: UUID, version: int) -> tuple[int, bytes] | None:
    """Return (key version, sealed) of a replaced version, or None when it is no longer kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kver, sealed FROM vault_past WHERE org_id = %s AND id = %s AND version = %s",
            [org_id, record_id, version],
        )
        row = cursor.fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def past_versions_of(org_id: UUID, record_ids: Sequence[UUID]) -> list[tuple[UUID, int, int, bytes]]:
    """Return (record id, version, key version, sealed) of every replaced version of these records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, version, kver, sealed FROM vault_past WHERE org_id = %s AND id = ANY(%s)",
            [org_id, list(record_ids)],
        )
        return [(record_id, version, kver, bytes(sealed)) for record_id, version, kver, sealed in cursor.fetchall()]


def stored_versions(org_id: UUID, file_id: UUID) -> list[tuple[UUID, int, int, bytes]]:
    """Return (record id, version, key version, sealed) of every stored version of a file's records, past ones too."""
    with connection.cursor() as cursor:
        cursor.execute(_STORED_VERSIONS, [org_id, file_id, org_id, file_id])
        return [(record_id, version, kver, bytes(sealed)) for record_id, version, kver, sealed in cursor.fetchall()]


def head_versions(org_id: UUID, file_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the current version of the head of each of these files; one that does not exist is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, version FROM vault_record WHERE org_id = %s AND id = ANY(%s) AND id = case_id",
            [org_id, list(file_ids)],
        )
        return dict(cursor.fetchall())


def count_files(org_id: UUID) -> int:
    """Return the number of files of the office: cases of all groups, and the office's own file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT case_id) FROM vault_case WHERE org_id = %s", [org_id])
        return int(cursor.fetchall()[0][0])


def files_after(org_id: UUID, reached: UUID | None, limit: int) -> list[UUID]:
    """Return the ids of the next files of the office, in order, after `reached`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT case_id FROM vault_case WHERE org_id = %s AND case_id > %s ORDER BY case_id LIMIT %s",
            [org_id, reached or UUID(int=0), limit],
        )
        return [row[0] for row in cursor.fetchall()]


def delete_unnamed_records(org_id: UUID, file_id: UUID, record_ids: Iterable[UUID]) -> None:
    """Delete records of one file, never its head."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM vault_record WHERE org_id = %s AND case_id = %s AND id = ANY(%s) AND id <> case_id",
            [org_id, file_id, list(record_ids)],
        )


def copy_to_past(org_id: UUID, record_ids: Sequence[UUID]) -> None:
    """Copy the stored versions of these records to the past versions."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_PAST, [org_id, list(record_ids)])


def delete_records(org_id: UUID, record_ids: Sequence[UUID]) -> None:
    """Delete these records."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_record WHERE org_id = %s AND id = ANY(%s)", [org_id, list(record_ids)])


def delete_past_versions(org_id: UUID, versions: Iterable[tuple[UUID, int]]) -> None:
    """Delete past versions, each given as (record id, version)."""
    with connection.cursor() as cursor:
        for record_id, version in versions:
            cursor.execute(
                "DELETE FROM vault_past WHERE org_id = %s AND id = %s AND version = %s", [org_id, record_id, version]
            )


def write_records(rows: Sequence[RecordRow]) -> None:
    """Insert records or replace their stored versions; a record never moves to another file."""
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, rows)


def insert_key_version(org_id: UUID, file_id: UUID, kver: int, blob: bytes) -> None:
    """Insert the wraps of a new version of a file's key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_case (org_id, case_id, kver, wraps) VALUES (%s, %s, %s, %s)",
            [org_id, file_id, kver, blob],
        )


def lock_key_versions(org_id: UUID, file_id: UUID) -> list[tuple[int, bytes]]:
    """Return (key version, wraps) of a file's keys and lock their rows until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kver, wraps FROM vault_case WHERE org_id = %s AND case_id = %s FOR UPDATE", [org_id, file_id]
        )
        return [(kver, bytes(blob)) for kver, blob in cursor.fetchall()]


def update_wraps(org_id: UUID, file_id: UUID, kver: int, blob: bytes) -> None:
    """Replace the wraps of one version of a file's key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_case SET wraps = %s WHERE org_id = %s AND case_id = %s AND kver = %s",
            [blob, org_id, file_id, kver],
        )


def delete_file(org_id: UUID, file_id: UUID) -> int:
    """Delete wraps, records and past versions of a file. Return the number of rows."""
    gone = 0
    with connection.cursor() as cursor:
        for statement in _DELETE_FILE:
            cursor.execute(statement, [org_id, file_id])
            gone += cursor.rowcount
    return gone


def insert_pending_blob(org_id: UUID, blob_id: UUID, since: dt.datetime) -> None:
    """Insert the row of a file in storage that no record links to yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_blob (org_id, id, state, pending_since) VALUES (%s, %s, 'pending', %s)",
            [org_id, blob_id, since],
        )


def delete_pending_blob(org_id: UUID, blob_id: UUID) -> None:
    """Delete a blob's row if it is pending."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_blob WHERE org_id = %s AND id = %s AND state = 'pending'", [org_id, blob_id])


def blobs_pending_since(since: dt.datetime) -> list[tuple[UUID, UUID]]:
    """Return office and id of each blob that is pending since exactly this instant, in every office the role sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id, id FROM vault_blob WHERE state = 'pending' AND pending_since = %s", [since])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def delete_blob(org_id: UUID, blob_id: UUID) -> None:
    """Delete a blob's row, whatever its state."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_blob WHERE org_id = %s AND id = %s", [org_id, blob_id])


def delete_blobs_pending_before(before: dt.datetime) -> list[UUID]:
    """Delete the rows of blobs pending since before an instant, in every office that the role sees. Return the ids."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_blob WHERE state = 'pending' AND pending_since < %s RETURNING id", [before])
        return [row[0] for row in cursor.fetchall()]


def link_blob(org_id: UUID, blob_id: UUID) -> bool:
    """Mark a pending blob as linked. Return whether it was pending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_blob SET state = 'linked', pending_since = NULL"
            " WHERE org_id = %s AND id = %s AND state = 'pending'",
            [org_id, blob_id],
        )
        return bool(cursor.rowcount == 1)


def unlink_blobs(org_id: UUID, blob_ids: Iterable[UUID], since: dt.datetime) -> int:
    """Mark blobs as pending since an instant. Return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_blob SET state = 'pending', pending_since = %s WHERE org_id = %s AND id = ANY(%s)",
            [since, org_id, list(blob_ids)],
        )
        return int(cursor.rowcount)
