"""Row-level security: which office a transaction may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


@contextmanager
def office(org_id: UUID) -> Iterator[None]:
    """A transaction in which the database shows rows of this office and of no other.

    Nested calls keep the outer transaction. The setting is local to the transaction, so a connection that goes back to
    the pool sees nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('caseapp.org', %s, true)", [str(org_id)])
        yield
