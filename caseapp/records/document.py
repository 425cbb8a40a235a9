"""Record shape of a document: facts about an encrypted file. The file is a blob whose key is kept in the record."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind

# Stored codes; "" is a document that no member has sorted yet.
KINDS = (
    "nta",
    "hearing_notice",
    "court_order",
    "receipt",
    "request_for_evidence",
    "filing",
    "proof",
    "identity",
    "evidence",
    "translation",
    "letter",
    "other",
)


class FileVersion(msgspec.Struct, kw_only=True, frozen=True):
    """One encrypted file. Sizes are in bytes; `sha256` is of the original and is compared when it is read whole."""

    blob: UUID
    version: int
    key: bytes  # 32
    size: int
    padded: int
    chunks: int
    sha256: bytes
    name: str
    media_type: str
    added_at: dt.datetime
    added_by: UUID


@record_kind(10, schema=1)
class Document(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A document or photo of the case. The original is evidence: kept bit for bit, never altered."""

    title: str
    files: tuple[FileVersion, ...] = ()  # oldest first
    kind: str = ""  # one of KINDS
    language: str = ""
    dated_on: dt.date | None = None
    exhibit: str = ""
    original: str = ""  # seen, held, returned, ""
    original_where: str = ""
    signature: str = ""
    translation: str = ""
    parties: tuple[UUID, ...] = ()
    pages: int = msgspec.field(default=0)
    removed_on: dt.date | None = None
