"""Views of the case list that a member saved: names and filters, sealed to that member alone.

The row is written in a transaction of its own kind, never with a case; its id and its size name no member.
"""

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext_noop

from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import SavedViews
from caseapp.lib.errors import Refused
from caseapp.vault.core.inboxes import list_views
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

MAX_VIEWS: Final = 12  # of one member
NAME_LIMIT: Final = 60  # characters of a view's name
TOO_MANY = gettext_noop("You have 12 saved views. Remove one first.")
TOO_LONG = gettext_noop("Your saved views are too long to be kept. Remove one first, or choose a shorter name.")
log = logging.getLogger("caseapp.accounts")


class SavedView(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Filters of the case list under a name that the member gave. Empty: not filtered by this.

    stage, relief            codes
    court, judge, language   as `index.lookup.facets` compares them
    lead                     id of a member, as text
    """

    id: UUID
    name: str
    show: str = ""
    sort: str = ""
    stage: str = ""
    relief: str = ""
    court: str = ""
    judge: str = ""
    language: str = ""
    lead: str = ""


Views = tuple[SavedView, ...]


def read_views(keys: Keys) -> Views:
    """Return the member's saved views. Raises OpenFailed for a row that was altered."""
    row_id = list_views.row_id_of(keys.bundle_key)
    with join_office_transaction(keys.org_id):
        sealed = SavedViews.objects.filter(org_id=keys.org_id, id=row_id).values_list("sealed", flat=True).first()
    return _open(keys, row_id, bytes(sealed)) if sealed is not None else ()


def save_view(keys: Keys, view: SavedView) -> None:
    """Save a view; one with the same name is replaced. Views that do not open are replaced by this one.

    The page of the list says that they do not open before anything is saved. Raises Refused when there are too many.
    """

    def add(views: Views) -> Views:
        others = tuple(known for known in views if known.name != view.name)
        if len(others) >= MAX_VIEWS:
            raise Refused("name", TOO_MANY)
        return (*others, view)

    _change(keys, add)


def remove_view(keys: Keys, view_id: UUID) -> None:
    """Remove a saved view; without such a view nothing changes."""
    _change(keys, lambda views: tuple(view for view in views if view.id != view_id))


def _change(keys: Keys, change: Callable[[Views], Views]) -> None:
    row_id = list_views.row_id_of(keys.bundle_key)
    with office_transaction(keys.org_id):
        row = SavedViews.objects.select_for_update().filter(org_id=keys.org_id, id=row_id).first()
        views = change(_open_or_begin(keys, row_id, bytes(row.sealed)) if row is not None else ())
        content = msgspec.msgpack.encode(views)
        if len(content) > list_views.MAX_CONTENT:
            raise Refused("name", TOO_LONG)
        sealed = list_views.seal_views(keys.bundle_key, keys.org_id, row_id, content)
        SavedViews.objects.bulk_create(
            [SavedViews(org_id=keys.org_id, id=row_id, sealed=sealed)],
            update_conflicts=True,
            unique_fields=["org_id", "id"],
            update_fields=["sealed"],
        )


def _open_or_begin(keys: Keys, row_id: UUID, sealed: bytes) -> Views:
    try:
        return _open(keys, row_id, sealed)
    except OpenFailed:
        log.warning("views.not_opened")
        return ()


def _open(keys: Keys, row_id: UUID, sealed: bytes) -> Views:
    plain = list_views.open_views(keys.bundle_key, keys.org_id, row_id, sealed)
    try:
        return msgspec.msgpack.decode(plain, type=Views)
    except msgspec.MsgspecError as exc:
        raise OpenFailed("saved views of another form") from exc
