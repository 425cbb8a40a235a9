"""Forms that were sent and saved: the same form sent again makes nothing twice.

Each form has a one-time mark. When it is saved, a row is written in the same transaction, so that a crash leaves both
or neither. The row shows an id that only the member's keys make, one size, and the day on which it goes; the path that
the answer led to is sealed inside. Of two requests with one form, the second waits for the first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from caseapp.accounts import queries
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import SentForm
from caseapp.lib import clock
from caseapp.vault.core import form_marks
from caseapp.vault.core.form_marks import FormAnswer
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

KEPT_DAYS = 7  # as long as a draft, which carries the mark of its form
BEGUN = ""  # path of a form whose save began and did not end


@dataclass(frozen=True)
class ReceivedForm:
    """A form with a mark, as it arrived. `row_id` comes from mark and path, `content` from what was typed."""

    keys: Keys = field(repr=False)
    row_id: UUID
    content: bytes = field(repr=False)


def receive_form(keys: Keys, *, path: str, mark: bytes, content: bytes) -> ReceivedForm:
    """Return the form that the member sent to `path`."""
    row_id = form_marks.row_id_of(keys.bundle_key, path, mark)
    return ReceivedForm(keys, row_id, form_marks.content_mac(keys.bundle_key, content))


def wait_for_earlier(form: ReceivedForm) -> FormAnswer | None:
    """Wait for another request with this form; return the answer of one that was saved. In a transaction."""
    queries.lock_sent_form(form.row_id)
    return find_answer(form)


@contextmanager
def alone_with(form: ReceivedForm) -> Iterator[None]:
    """Let no other request save this form meanwhile, for a save that takes several transactions."""
    queries.lock_sent_form_apart(form.row_id)
    try:
        yield
    finally:
        queries.unlock_sent_form_apart(form.row_id)


def find_answer(form: ReceivedForm) -> FormAnswer | None:
    """Return the answer of this form if it was saved or its save began; None if not. In the office's transaction."""
    row = SentForm.objects.filter(org_id=form.keys.org_id, id=form.row_id).first()
    if row is None:
        return None
    try:
        return form_marks.open_answer(form.keys.bundle_key, row.org_id, row.id, bytes(row.sealed))
    except OpenFailed:
        return FormAnswer(b"", BEGUN)  # altered: it was sent before, and no one knows more


def store_answer(form: ReceivedForm, path: str) -> None:
    """Store that the form was saved, and where its answer leads. In the transaction that saves it."""
    keys = form.keys
    sealed = form_marks.seal_answer(keys.bundle_key, keys.org_id, form.row_id, FormAnswer(form.content, path))
    gone_on = clock.now().date() + timedelta(days=KEPT_DAYS)
    row = SentForm(org_id=keys.org_id, id=form.row_id, sealed=sealed, gone_on=gone_on)
    SentForm.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["org_id", "id"], update_fields=["sealed", "gone_on"]
    )


def store_begun(form: ReceivedForm) -> None:
    """Store that the save of the form begins, before the first of its transactions."""
    with office_transaction(form.keys.org_id):
        store_answer(form, BEGUN)


def forget(form: ReceivedForm) -> None:
    """Delete the row of a form whose save was refused."""
    with office_transaction(form.keys.org_id):
        SentForm.objects.filter(org_id=form.keys.org_id, id=form.row_id).delete()


def delete_expired(today: date) -> int:
    """Delete the rows whose day has come, of every office the role sees. Return how many. Run on a schedule."""
    return SentForm.objects.filter(gone_on__lte=today).delete()[0]
