"""Row-level security: the office that a transaction may see."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from caseapp.vault import queries


class _VisibleOffice(threading.local):
    """The office that this thread's transaction sees; None outside of `office_transaction`."""

    org_id: UUID | None = None


_visible = _VisibleOffice()


@contextmanager
def office_transaction(org_id: UUID) -> Iterator[None]:
    """Open a transaction in which the database shows only rows of this office.

    Nested calls keep the outer transaction; for the same office they need no statement of their own. The setting is
    local to the transaction, so a connection that goes back to the pool sees no rows.
    """
    outer = _visible.org_id
    with transaction.atomic():
        if outer != org_id:
            _show_office(org_id)
        try:
            yield
        finally:
            _visible.org_id = outer  # before the commit, whose callbacks open transactions of their own
        if outer is not None and outer != org_id:
            _show_office(outer)  # the setting lasts until the end of the whole transaction


@contextmanager
def join_office_transaction(org_id: UUID) -> Iterator[None]:
    """Show this office's rows in the transaction that shows them already, or open one as `office_transaction`.

    For reads, and for writes that are undone only with the whole transaction: it sets no savepoint, so what fails here
    is not taken back alone. A savepoint costs two statements, and a page reads in dozens of places.
    """
    if _visible.org_id == org_id:
        yield
    else:
        with office_transaction(org_id):
            yield


def _show_office(org_id: UUID) -> None:
    queries.set_office(org_id)
    _visible.org_id = org_id
