"""Deletion of all rows of a sealed file. Copies in backups become unreadable when its shred half is destroyed."""

from django.db import connection

from caseapp.vault.store import SealedFile

STATEMENTS = (
    "DELETE FROM vault_past WHERE org_id = %s AND case_id = %s",
    "DELETE FROM vault_record WHERE org_id = %s AND case_id = %s",
    "DELETE FROM vault_case WHERE org_id = %s AND case_id = %s",
)


def delete_rows(file: SealedFile) -> int:
    """Delete wraps, records and past versions of a locked file, in the caller's transaction. Return the number of rows.

    Raises ValueError if the file is not locked.
    """
    if not file.locked:
        raise ValueError("a file ends only while it is locked")
    gone = 0
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, [file.org_id, file.id])
            gone += cursor.rowcount
    return gone
