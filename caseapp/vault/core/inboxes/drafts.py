"""Text typed into a form and not saved, sealed to its member; the server can write one while the session is locked.

DRAFT : WRAP-H of a random key, info = "draft/1" | org 16 | row 16 | small blob (06) under that key, label "draft/1"
        padded to a size class: 1, 4, 16, 64 or 256 KiB
pair  = hybrid; private = HKDF-Expand(bundle key, "draft-pair/1")
INBOX : small blob "draft-inbox/1" under the cookie's token: what writes a draft and opens none
        key of the ids 32 | public key; key of the ids = HKDF-Expand(bundle key, "draft-ids/1")
row   = HMAC(key of the ids, day u32 | number u8)[:16]: no other party can tell which rows are of one member
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from caseapp.lib import base64url
from caseapp.vault.core import blob, hybrid, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

SIZE_CLASSES = tuple(1024 * 4**power for power in range(5))  # bytes of padded content
MAX_CONTENT = SIZE_CLASSES[-1] - 4  # bytes; the length prefix takes 4
_PRIVATE = 96  # bytes of a hybrid private key
_WRAPPED = hybrid.WRAPPED_KEY[hybrid.HYBRID]
_BLOB_FRAME = len(blob.FORMAT) + primitives.NONCE_LENGTH + primitives.TAG_LENGTH


@dataclass(frozen=True)
class DraftInbox:
    """The keys needed to find the rows of a member's drafts and to write one. It opens none."""

    ids_key: bytes = field(repr=False)
    public: bytes = field(repr=False)

    def row_id(self, day: date, number: int) -> UUID:
        """Return the id of a draft that is begun on this day; `number` is 0 to 255."""
        begun = day.toordinal().to_bytes(4, "big") + bytes([number])
        return UUID(bytes=primitives.mac(self.ids_key, LABELS["draft row"], begun)[:16])

    def page_mark(self) -> str:
        """Return what each page of this member carries, so that its text never becomes another member's draft."""
        return _page_mark(self.ids_key)


def derive_private_key(bundle_key: bytes) -> bytes:
    """Return the private key that opens the drafts of the member with this bundle key."""
    return primitives.expand(bundle_key, LABELS["draft pair"], _PRIVATE)


def derive_inbox(bundle_key: bytes) -> DraftInbox:
    """Return the inbox of the member with this bundle key."""
    ids_key = primitives.expand(bundle_key, LABELS["draft ids"])
    return DraftInbox(ids_key, hybrid.derive_public_key(derive_private_key(bundle_key)))


def derive_page_mark(bundle_key: bytes) -> str:
    """Return the mark of the pages of the member with this bundle key: `DraftInbox.page_mark` without the key pair."""
    return _page_mark(primitives.expand(bundle_key, LABELS["draft ids"]))


def seal_inbox(token: str, inbox: DraftInbox, *, org: UUID, chain: UUID) -> bytes:
    """Seal the inbox for a session's row: with the cookie it opens while the session is locked."""
    key = base64url.decode(token)
    return blob.seal_blob(key, LABELS["draft inbox"], (org, chain), inbox.ids_key + inbox.public, step=256)


def open_inbox(token: str, sealed: bytes, *, org: UUID, chain: UUID) -> DraftInbox:
    """Return the inbox of a session's row. Raises OpenFailed for another token, office or sign-in."""
    try:
        key = base64url.decode(token)
    except ValueError as exc:
        raise OpenFailed("not a session token") from exc
    plain = blob.open_blob(key, LABELS["draft inbox"], (org, chain), sealed, step=256)
    return DraftInbox(plain[: primitives.KEY_LENGTH], plain[primitives.KEY_LENGTH :])


def seal_draft(public: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal `content` to its member. Raises ValueError if it is longer than MAX_CONTENT; otherwise as `seal_to`."""
    if len(content) > MAX_CONTENT:
        raise ValueError("too long for a draft")
    step = next(size for size in SIZE_CLASSES if len(content) + 4 <= size)
    key = primitives.new_key()
    wrapped = hybrid.seal_to(public, key, _hpke_info(org, row))
    return wrapped + blob.seal_blob(key, LABELS["draft"], (org, row), content, step=step)


def open_draft(private: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the content sealed for this row. Raises UnknownFormat, OpenFailed."""
    step = len(sealed) - _WRAPPED - _BLOB_FRAME
    if step not in SIZE_CLASSES:
        raise UnknownFormat(f"draft of {len(sealed)} bytes")
    key = hybrid.open_from(private, sealed[:_WRAPPED], _hpke_info(org, row))
    return blob.open_blob(key, LABELS["draft"], (org, row), sealed[_WRAPPED:], step=step)


def _page_mark(ids_key: bytes) -> str:
    return primitives.mac(ids_key, LABELS["draft page"])[:12].hex()


def _hpke_info(org: UUID, row: UUID) -> bytes:
    return LABELS["draft"] + org.bytes + row.bytes
