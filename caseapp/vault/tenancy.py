"""Row-level security: the office that a transaction may see."""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from django.db import transaction

from caseapp.vault import queries


class _VisibleOffice(threading.local):
    """The office that this thread's transaction sees; None outside of `office_transaction`.

    held  closes the transaction in which a session was checked, until the page goes on in it
    """

    org_id: UUID | None = None
    held: ExitStack | None = None


_visible = _VisibleOffice()


@contextmanager
def office_transaction(org_id: UUID) -> Iterator[None]:
    """Open a transaction in which the database shows only rows of this office.

    Nested calls keep the outer transaction; for the same office they need no statement of their own. The setting is
    local to the transaction, so a connection that goes back to the pool sees no rows. A held transaction ends first.
    """
    end_held_transaction()
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


def hold_office_transaction(org_id: UUID) -> None:
    """Open a transaction of the office that stays open after the call, for the reads that check a session.

    The page goes on in it (`continue_office_transaction`). Any other `office_transaction` ends it first, so that rows
    written meanwhile never share a transaction number with the audit entry of a case. Nested calls hold nothing.
    """
    if _visible.org_id is None:
        held = ExitStack()
        held.enter_context(office_transaction(org_id))
        _visible.held = held


@contextmanager
def continue_office_transaction(org_id: UUID) -> Iterator[None]:
    """Go on in the transaction that `hold_office_transaction` opened, and end it; without one, open one."""
    held, is_same = _visible.held, _visible.org_id == org_id
    if held is not None and is_same:
        _visible.held = None
        with held:
            yield
    else:
        with office_transaction(org_id):
            yield


def end_held_transaction() -> None:
    """End the transaction that a check of a session left open; nothing happens without one.

    While an exception is handled it is rolled back: the connection may be lost.
    """
    held, _visible.held = _visible.held, None
    if held is not None:
        held.__exit__(*sys.exc_info())


def _show_office(org_id: UUID) -> None:
    queries.set_office(org_id)
    _visible.org_id = org_id
