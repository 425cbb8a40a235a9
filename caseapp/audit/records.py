"""Content of an audit entry: codes and ids only, sealed nevertheless."""

from datetime import datetime
from uuid import UUID

import msgspec

# Every audit code; `trail.labels` has its words for the audit page. A code is never reused for another act.
AUDIT_CODES = (
    "case.open", "case.change", "case.create", "case.share", "case.wall", "case.close", "case.shred",
    "client.text", "client.stop",
    "document.open", "document.download", "document.add", "search", "conflict", "export", "print",
    "sign_in", "sign_in.failed", "sign_in.code", "unlock", "lock", "session.end",
    "member.invite", "member.admit", "member.role", "member.remove", "grant", "group.create", "group.rotate",
    "factor.add", "factor.remove", "passphrase.change", "recovery.make", "recovery.test", "recovery.use",
    "recovery.sheet", "recovery.check",
    "lockdown.begin", "lockdown.end", "rules.confirm", "settings.change", "job", "audit.open", "unusual",
    "keys.refused",
    "case.doubt", "case.restore", "case.accept", "index.rebuild", "directory.accept",
)  # fmt: skip


class AuditRecord(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Content of one opened entry.

    `at` is aware UTC at the minute; `count` is above 1 where one entry covers several items. `head_version` and
    `head_digest` are those of the case's head at that time: a second witness when rows were put back.
    """

    at: datetime
    member: UUID
    what: str
    case: UUID | None = None
    target: UUID | None = None
    reason: str = ""
    count: int = 1
    head_version: int = 0
    head_digest: bytes = b""


def encode(record: AuditRecord) -> bytes:
    """Return the record as MessagePack, in the format that `decode` reads."""
    return _encoder.encode(record)


def decode(content: bytes) -> AuditRecord:
    """Return the record that `encode` wrote. Raises msgspec.ValidationError."""
    return _decoder.decode(content)


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(AuditRecord)
