"""The certificate of a removed office: lines of text, signed with the key that signs checkpoints of the audit trail.

It names no office and no person: the office's id, days, counts, and the digest of the last checkpoint, which the audit
witness has too.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from caseapp.audit import chain
from caseapp.vault.core import hybrid
from caseapp.vault.errors import OpenFailed

ORIGIN = "caseapp office removal 1"
HALVES_KEPT = timedelta(days=14)  # how long a backup of shred halves may be kept (docs/operations.md)


@dataclass(frozen=True)
class OfficeContent:
    """What an office had when its removal was ordered.

    document_bytes  of the encrypted files in storage
    checkpoint      number and digest of the audit trail's last checkpoint, or "none"
    """

    members: int
    files: int
    documents: int
    document_bytes: int
    rows: int
    checkpoint: str


def format_content(org_id: UUID, ordered_at: datetime, content: OfficeContent) -> str:
    """Return the lines of the certificate that are known when the removal is ordered."""
    lines = (
        ORIGIN,
        f"office {org_id}",
        f"ordered {_format_instant(ordered_at)}",
        f"last audit checkpoint {content.checkpoint}",
        f"members {content.members}",
        f"case files {content.files}",
        f"documents {content.documents}",
        f"document bytes {content.document_bytes}",
        f"database rows {content.rows}",
    )
    return "\n".join(lines) + "\n"


def sign_certificate(content: str, *, finished_at: datetime, private: bytes) -> str:
    """Return the certificate. `content`: the lines of `format_content`."""
    public = base64.b64encode(hybrid.derive_verify_key(private)).decode()
    lines = (
        f"finished {_format_instant(finished_at)}",
        f"no backup has its key halves after {(finished_at + HALVES_KEPT).date().isoformat()}",
        f"key {public}",
    )
    return chain.sign_note(content + "\n".join(lines) + "\n", private)


def read_certificate(note: str, public: bytes) -> list[str]:
    """Return the lines of a certificate, without its first. Raises OpenFailed if this key did not sign it."""
    try:
        origin, *lines = chain.open_note(note, public)
    except (ValueError, OpenFailed):
        raise OpenFailed("not signed by this key") from None
    if origin != ORIGIN:
        raise OpenFailed("signed by this key, and not a certificate of a removed office")
    return lines


def _format_instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
