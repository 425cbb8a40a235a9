"""What an entry says. Codes and ids only; it is sealed all the same."""

from datetime import datetime
from uuid import UUID

import msgspec

# What can be done, each with its words on the audit page (`web/words.py`). Codes are never reused for something else.
WHATS = (
    "case.open", "case.change", "case.create", "case.share", "case.wall", "case.close", "case.shred",
    "client.text", "client.stop",
    "document.open", "document.download", "document.add", "search", "conflict", "export", "print",
    "sign_in", "sign_in.failed", "sign_in.code", "unlock", "lock", "session.end",
    "member.invite", "member.admit", "member.role", "member.remove", "grant", "group.create", "group.rotate",
    "factor.add", "factor.remove", "passphrase.change", "recovery.make", "recovery.test", "recovery.use",
    "lockdown.begin", "lockdown.end", "rules.confirm", "settings.change", "job", "audit.open", "unusual",
)  # fmt: skip


class Told(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One entry, opened. `at` is aware UTC at the minute; `count` of things where one entry stands for many."""

    at: datetime
    member: UUID
    what: str
    case: UUID | None = None
    target: UUID | None = None
    reason: str = ""
    count: int = 1


def encode(told: Told) -> bytes:
    """MessagePack, as `decode` reads it."""
    return _encoder.encode(told)


def decode(content: bytes) -> Told:
    """Raises msgspec.ValidationError."""
    return _decoder.decode(content)


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Told)
