"""The webhook address at which a text gateway reports a STOP reply, and the STOP replies kept for the office.

No member is signed in when one arrives, so it is sealed to the office group's public key and kept until a member reads
it. The server keeps that key and a tag of the address, never the address; no number is stored in clear.
"""

import logging
from collections.abc import Sequence
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
log = logging.getLogger("caseapp.accounts")


class ReceivedOptOut(msgspec.Struct, kw_only=True, frozen=True):
    """A phone number (`phones.normalise_number`) that replied STOP, and when."""

    number: str
    at: datetime

    def __repr__(self) -> str:
        return "<Stopped>"


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


def store_opt_out(hook: Hook | None, number: str) -> None:
    """Store a STOP reply for the office. For an unknown token (None) do the same work and roll it back."""
    org_id, public = (hook.org_id, bytes(hook.public)) if hook else (uuid4(), _dummy_public_key())
    row, now = uuid4(), clock.now()
    content = msgspec.msgpack.encode(ReceivedOptOut(number=number, at=now))
    with office_transaction(org_id):
        sealed = stops.seal_stop(public, org_id, row, content)
        Stop.objects.create(org_id=org_id, id=row, sealed=sealed, received_on=now.date())
        if hook is None:
            transaction.set_rollback(True)


@cache
def _dummy_public_key() -> bytes:
    return hybrid.new_key_pair().public


def read_opt_outs(keys: Keys) -> Sequence[ReceivedOptOut]:
    """Return every stored STOP reply, in the caller's transaction. Older keys of the office group are tried too."""
    pairs = [group.hpke_private for group in keys.held if group.kind == OFFICE and group.hpke_private]
    rows = Stop.objects.filter(org_id=keys.org_id)
    return [opt_out for row in rows if (opt_out := _open_opt_out(pairs, row)) is not None]


def _open_opt_out(privates: Sequence[bytes], row: Stop) -> ReceivedOptOut | None:
    def open_with(private: bytes) -> bytes:
        return stops.open_stop(private, row.org_id, row.id, bytes(row.sealed))

    try:
        return msgspec.msgpack.decode(open_with_any(privates, open_with, what="stop"), type=ReceivedOptOut)
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
