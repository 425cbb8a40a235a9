"""SQL of the moving room."""

from uuid import UUID

from django.db import connection

IMPORT_LOCK = 0x0CA5_EA99_0000_0023  # mixed with an office's id: one import of an office saves at a time


def lock_imports(org_id: UUID) -> None:
    """Wait until no other import of the office saves, and let none until the transaction ends."""
    number = (int.from_bytes(org_id.bytes[:8], "big") ^ IMPORT_LOCK) - 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
