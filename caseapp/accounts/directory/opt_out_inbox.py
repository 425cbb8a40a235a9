"""The webhook address at which a text gateway reports replies of clients, and the replies kept for the office.

No member is signed in when one arrives, so it is sealed to the office group's public key and kept until a member reads
it: the number, the time, and whether it was STOP. What a client wrote is never kept. The server keeps that key and a
tag of the address, never the address; no number is stored in clear.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Hook, Stop
from caseapp.lib import clock
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.inboxes import stops
from caseapp.vault.core.keyring import OFFICE, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import office_transaction

TOKEN = 32  # bytes
KEPT_DAYS = 60  # members behind a wall must see it too, and may not sign in for weeks
# Replies of an office that wait, STOP included, beyond which only STOP is kept: each is opened when Today is.
REPLIES_LIMIT = 1000
log = logging.getLogger("caseapp.accounts")


class ReceivedOptOut(msgspec.Struct, kw_only=True, frozen=True):
    """A phone number (`phones.normalise_number`) that replied STOP, and when."""

    number: str
    at: datetime

    def __repr__(self) -> str:
        return "<Stopped>"


class ReceivedReply(msgspec.Struct, kw_only=True, frozen=True):
    """A phone number (`phones.normalise_number`) that replied with anything but STOP, and when.

    Its field differs from that of `ReceivedOptOut`, so that an older program takes no reply for a STOP.
    """

    replied: str
    at: datetime

    @property
    def number(self) -> str:
        """Return the number."""
        return self.replied

    def __repr__(self) -> str:
        return "<Replied>"


class _Received(msgspec.Struct, kw_only=True, frozen=True):
    """Content of a row: one of the two numbers."""

    at: datetime
    number: str = ""
    replied: str = ""

    def __repr__(self) -> str:
        return "<Received>"


@dataclass(frozen=True)
class ReceivedMessages:
    """Replies of clients that are still kept."""

    stops: tuple[ReceivedOptOut, ...]
    replies: tuple[ReceivedReply, ...]


def create_address(keys: Keys) -> bytes:
    """Create a webhook token, which replaces the old one. In the caller's transaction; shown once, never stored."""
    token, public = primitives.random_bytes(TOKEN), hybrid.derive_public_key(keys.office_group.hpke_private)
    remove_address(keys)
    Hook.objects.create(
        tag=token_tag(token), org_id=keys.org_id, public=public, proof=_public_key_proof(keys.org_id, public)
    )
    return token


def remove_address(keys: Keys) -> None:
    """Remove the office's webhook address."""
    Hook.objects.filter(org_id=keys.org_id).delete()
    audit_trail.record_entry_in_transaction(keys, "settings.change")


def has_address(org_id: UUID) -> bool:
    """Return whether the office has a webhook address."""
    return Hook.objects.filter(org_id=org_id).exists()


def update_public_key(org_id: UUID, public: bytes) -> None:
    """Seal future STOP replies to the office group's new key. In the transaction that makes that key."""
    Hook.objects.filter(org_id=org_id).update(public=public, proof=_public_key_proof(org_id, public))


def find_hook(token: bytes) -> Hook | None:
    """Return the office's row for a token, or None. A row whose public key was altered counts as None."""
    hook = Hook.objects.filter(tag=token_tag(token)).first()
    if hook is None:
        return None
    if not primitives.is_equal(bytes(hook.proof), _public_key_proof(hook.org_id, bytes(hook.public))):
        log.error("webhook.altered")
        return None
    return hook


def store_opt_out(hook: Hook | None, number: str, *, row: UUID | None = None) -> None:
    """Store a STOP reply for the office. For an unknown token (None) do the same work and roll it back.

    row  as made by `row_of_message`: a message that was passed on before is not stored again
    """
    _store(hook, row or uuid4(), ReceivedOptOut(number=number, at=clock.now()))


def store_reply(hook: Hook | None, number: str, *, row: UUID | None = None) -> None:
    """Store that a number replied with anything but STOP, as `store_opt_out` does.

    Nothing is stored while REPLIES_LIMIT replies wait: what a gateway repeats without end must not slow down Today.
    """
    _store(hook, row or uuid4(), ReceivedReply(replied=number, at=clock.now()))


def _store(hook: Hook | None, row: UUID, message: ReceivedOptOut | ReceivedReply) -> None:
    org_id, public = (hook.org_id, bytes(hook.public)) if hook else (uuid4(), _dummy_public_key())
    with office_transaction(org_id):
        sealed = stops.seal_stop(public, org_id, row, msgspec.msgpack.encode(message))
        is_full = Stop.objects.filter(org_id=org_id).count() >= REPLIES_LIMIT
        if not is_full or isinstance(message, ReceivedOptOut):
            waiting = Stop(org_id=org_id, id=row, sealed=sealed, received_on=message.at.date())
            Stop.objects.bulk_create([waiting], ignore_conflicts=True)
        if hook is None:
            transaction.set_rollback(True)


def row_of_message(token: bytes, *parts: bytes) -> UUID:
    """Return the id of the row of a message that the webhook of this token passed on, the same for the same parts.

    Without the token, which is stored nowhere, the id says nothing about the message.
    """
    return UUID(bytes=primitives.mac(token, LABELS["hook message"], *parts)[:16])


@cache
def _dummy_public_key() -> bytes:
    return hybrid.new_key_pair().public


def read_opt_outs(keys: Keys) -> Sequence[ReceivedOptOut]:
    """Return every stored STOP reply, as `read_messages` does."""
    return read_messages(keys).stops


def list_message_ids(org_id: UUID) -> frozenset[UUID]:
    """Return the ids of the stored replies, in the caller's transaction. Opens none of them."""
    return frozenset(Stop.objects.filter(org_id=org_id).values_list("id", flat=True))


def read_messages(keys: Keys) -> ReceivedMessages:
    """Return every stored reply, in the caller's transaction. Older keys of the office group are tried too."""
    pairs = [group.hpke_private for group in keys.held if group.kind == OFFICE and group.hpke_private]
    rows = Stop.objects.filter(org_id=keys.org_id)
    received = [message for row in rows if (message := _open_message(pairs, row)) is not None]
    return ReceivedMessages(
        stops=tuple(message for message in received if isinstance(message, ReceivedOptOut)),
        replies=tuple(message for message in received if isinstance(message, ReceivedReply)),
    )


def _open_message(privates: Sequence[bytes], row: Stop) -> ReceivedOptOut | ReceivedReply | None:
    def open_with(private: bytes) -> bytes:
        return stops.open_stop(private, row.org_id, row.id, bytes(row.sealed))

    try:
        message = msgspec.msgpack.decode(open_with_any(privates, open_with, what="stop"), type=_Received)
        if message.replied:
            return ReceivedReply(replied=message.replied, at=message.at)
        return ReceivedOptOut(number=message.number, at=message.at)
    except (OpenFailed, NoKey, msgspec.MsgspecError):
        log.error("webhook.stop_unreadable")
        return None


def delete_received_before(before: date) -> int:
    """Delete what was received before a day and return how many. For housekeeping, which sees every office."""
    return Stop.objects.filter(received_on__lt=before).delete()[0]


def token_tag(token: bytes) -> bytes:
    """Return the tag by which a webhook token is looked up and throttled."""
    return primitives.mac(server_keys.operational_key(), LABELS["hook"], token)


def _public_key_proof(org_id: UUID, public: bytes) -> bytes:
    return primitives.mac(server_keys.operational_key(), LABELS["hook key"], org_id.bytes, public)
