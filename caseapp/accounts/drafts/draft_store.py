"""Drafts: text that a member typed into a form and did not save.

A draft is sealed to its member, with the page and the names of the fields inside. Its row shows an id that only the
member's keys make, one of five sizes, and the day on which it goes. It is written and deleted in transactions of its
own, never in a case's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import TypedDraft
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused, Unavailable
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.core.inboxes.drafts import DraftInbox
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

KEPT_DAYS = 7  # from the day on which a draft was begun
MAX_DRAFTS = 12  # of one member; one more replaces the one that was begun first
PLACES = 32  # drafts that one member can begin on one day before places are used again
TOO_LONG = gettext_noop("This text is too long to be kept as a draft. Save it now, or shorten it.")


class TypedText(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The text typed into one form.

    page     path of the page with the form
    action   path that the form sends to
    number   which of the forms with this action it is on the page, from 0
    fields   the values of each field, in the order of the form
    changed  the fields that the member changed
    focus    the field in which they typed last
    typed_at when it was stored
    """

    page: str
    action: str
    number: int = 0
    fields: dict[str, list[str]]
    changed: tuple[str, ...] = ()
    focus: str = ""
    typed_at: datetime

    def __repr__(self) -> str:
        return "<TypedText>"


@dataclass(frozen=True)
class KeptDraft:
    """A stored draft and its id."""

    id: UUID
    text: TypedText = field(repr=False)


def store_draft(org_id: UUID, inbox: DraftInbox, text: TypedText, *, draft_id: UUID | None = None) -> UUID:
    """Store a draft and return its id; `draft_id` replaces an earlier text of the same form.

    Needs no key that opens it, so it works while the session is locked. Raises Refused(code="too_long"),
    Unavailable.
    """
    content = msgspec.msgpack.encode(text)
    if len(content) > drafts.MAX_CONTENT:
        raise Refused("too_long", TOO_LONG)
    today = clock.now().date()
    with office_transaction(org_id):
        rows = {row.id: row for row in TypedDraft.objects.filter(org_id=org_id, id__in=_ids_of(inbox, today))}
        if draft_id in rows:
            sealed = drafts.seal_draft(inbox.public, org_id, draft_id, content)
            if TypedDraft.objects.filter(org_id=org_id, id=draft_id).update(sealed=sealed):
                return draft_id
        _delete_first_begun(org_id, inbox, today, rows)
        for row_id in _free_ids(inbox, today, rows):
            sealed = drafts.seal_draft(inbox.public, org_id, row_id, content)
            try:
                with transaction.atomic():
                    TypedDraft.objects.create(
                        org_id=org_id, id=row_id, sealed=sealed, gone_on=today + timedelta(days=KEPT_DAYS)
                    )
            except IntegrityError:
                continue  # another tab took this place at the same moment
            return row_id
    raise Unavailable("no place for a draft")


def list_drafts(keys: Keys) -> tuple[KeptDraft, ...]:
    """Return the member's drafts, the newest first. One that does not open is left out; it goes with its day."""
    inbox = drafts.derive_inbox(keys.bundle_key)
    with office_transaction(keys.org_id):
        ids = _ids_of(inbox, clock.now().date())
        rows = list(TypedDraft.objects.filter(org_id=keys.org_id, id__in=ids))
    kept = [draft for row in rows if (draft := _open_row(keys, row)) is not None]
    return tuple(sorted(kept, key=lambda draft: draft.text.typed_at, reverse=True))


def read_draft(keys: Keys, draft_id: UUID) -> KeptDraft:
    """Return one draft of the member. Raises NotFound, also for a draft of another member."""
    with office_transaction(keys.org_id):
        row = TypedDraft.objects.filter(org_id=keys.org_id, id=_require_own(keys, draft_id)).first()
    draft = _open_row(keys, row) if row is not None else None
    if draft is None:
        raise NotFound(f"draft {draft_id}")
    return draft


def discard_draft(keys: Keys, draft_id: UUID) -> None:
    """Delete one draft of the member, in a transaction of its own. Raises NotFound."""
    with office_transaction(keys.org_id):
        if not TypedDraft.objects.filter(org_id=keys.org_id, id=_require_own(keys, draft_id)).delete()[0]:
            raise NotFound(f"draft {draft_id}")


def delete_expired(today: date) -> int:
    """Delete the drafts whose day has come, of every office the role sees. Return how many. Run on a schedule."""
    return TypedDraft.objects.filter(gone_on__lte=today).delete()[0]


def _require_own(keys: Keys, draft_id: UUID) -> UUID:
    if draft_id not in _ids_of(drafts.derive_inbox(keys.bundle_key), clock.now().date()):
        raise NotFound(f"draft {draft_id}")
    return draft_id


def _open_row(keys: Keys, row: TypedDraft) -> KeptDraft | None:
    try:
        private = drafts.derive_private_key(keys.bundle_key)
        plain = drafts.open_draft(private, row.org_id, row.id, bytes(row.sealed))
        return KeptDraft(row.id, msgspec.msgpack.decode(plain, type=TypedText))
    except (OpenFailed, msgspec.MsgspecError):
        return None


def _ids_of(inbox: DraftInbox, today: date) -> list[UUID]:
    """Return the ids that drafts of the member can have, in the order in which they are taken."""
    days = [today - timedelta(days=ago) for ago in range(KEPT_DAYS, -1, -1)]
    return [inbox.row_id(day, number) for day in days for number in range(PLACES)]


def _free_ids(inbox: DraftInbox, today: date, taken: Iterable[UUID]) -> list[UUID]:
    """Return the free ids of today: first those after the last one in use, so that the order says which is older."""
    ids, used = [inbox.row_id(today, number) for number in range(PLACES)], set(taken)
    after = max((number + 1 for number, row_id in enumerate(ids) if row_id in used), default=0)
    return [row_id for row_id in ids[after:] + ids[:after] if row_id not in used]


def _delete_first_begun(org_id: UUID, inbox: DraftInbox, today: date, rows: dict[UUID, TypedDraft]) -> None:
    too_many = len(rows) - MAX_DRAFTS + 1
    if too_many <= 0:
        return
    first = [row_id for row_id in _ids_of(inbox, today) if row_id in rows][:too_many]
    TypedDraft.objects.filter(org_id=org_id, id__in=first).delete()
    for row_id in first:
        del rows[row_id]
