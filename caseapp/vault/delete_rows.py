"""Deletion of all rows of a sealed file. Copies in backups become unreadable when its shred half is destroyed."""

from caseapp.vault import queries
from caseapp.vault.store import SealedFile


def delete_rows(file: SealedFile) -> int:
    """Delete wraps, records and past versions of a locked file, in the caller's transaction. Return the number of rows.

    Raises ValueError if the file is not locked.
    """
    if not file.locked:
        raise ValueError("a file ends only while it is locked")
    return queries.delete_file(file.org_id, file.id)
