"""Content of an audit entry: codes and ids only, sealed nevertheless."""

from datetime import datetime
from uuid import UUID

import msgspec

# Every audit code; `trail.labels` has its words for the audit page. A code is never reused for another act.
AUDIT_CODES = (
    "case.open", "case.change", "case.create", "case.share", "case.wall", "case.close", "case.shred",
    "case.correct", "case.undo",
    "client.text", "client.stop", "client.reply",
    "document.open", "document.download", "document.add", "search", "conflict", "export", "print",
    "sign_in", "sign_in.failed", "sign_in.code", "unlock", "lock", "session.end",
    "member.invite", "member.admit", "member.role", "member.remove", "grant", "group.create", "group.rotate",
    "factor.add", "factor.remove", "passphrase.change", "recovery.make", "recovery.test", "recovery.use",
    "recovery.sheet", "recovery.check",
    "lockdown.begin", "lockdown.end", "rules.confirm", "settings.change", "job", "audit.open", "unusual",
    "keys.refused",
    "conflict.ask", "conflict.answer",
    "case.doubt", "case.restore", "case.accept", "index.rebuild", "directory.accept",
    "import.start", "import.undo",
)  # fmt: skip

# What the program does on its own. `member` of such an entry is the one whose session had the keys at that time.
SYSTEM_CODES = frozenset(
    ("job", "group.rotate", "client.stop", "client.reply", "index.rebuild", "case.doubt", "keys.refused")
)
FINDING_CODES = frozenset(("index.rebuild", "case.doubt", "keys.refused"))
# A code of the program with a reason under which a member did it: they opened the list of dates.
READ_BY_MEMBER = frozenset((("job", "dates that a changed law would change"),))


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

    @property
    def is_by_system(self) -> bool:
        """Return whether the program wrote this entry on its own, in the session of a member who asked for nothing."""
        return self.what in SYSTEM_CODES and (self.what, self.reason) not in READ_BY_MEMBER

    @property
    def needs_attention(self) -> bool:
        """Return whether this is a finding of the program that a page never leaves out."""
        return self.what in FINDING_CODES


def encode(record: AuditRecord) -> bytes:
    """Return the record as MessagePack, in the format that `decode` reads."""
    return _encoder.encode(record)


def decode(content: bytes) -> AuditRecord:
    """Return the record that `encode` wrote. Raises msgspec.ValidationError."""
    return _decoder.decode(content)


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(AuditRecord)
