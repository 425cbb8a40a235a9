"""Row-level security: the office that a transaction may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


@contextmanager
def office_transaction(org_id: UUID) -> Iterator[None]:
    """Open a transaction in which the database shows only rows of this office.

    Nested calls keep the outer transaction. The setting is local to the transaction, so a connection that goes back to
    the pool sees no rows.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('caseapp.org', %s, true)", [str(org_id)])
        yield
