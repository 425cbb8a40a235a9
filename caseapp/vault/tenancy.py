"""Row-level security: the office that a transaction may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from caseapp.vault import queries


@contextmanager
def office_transaction(org_id: UUID) -> Iterator[None]:
    """Open a transaction in which the database shows only rows of this office.

    Nested calls keep the outer transaction. The setting is local to the transaction, so a connection that goes back to
    the pool sees no rows.
    """
    with transaction.atomic():
        queries.set_office(org_id)
        yield
