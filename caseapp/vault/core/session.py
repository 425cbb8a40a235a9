"""Sealed sessions: opening needs both the cookie's token and the row. Without the token the row identifies no member.

07 | alg 01 | nonce 12 | ciphertext 32 | tag 16                                                        = 62 bytes
key             = HKDF-Expand(token, "wrap")
associated data = "session/1" | org 16 | member 16 | created u64 | expires u64 | epoch u32
row's key       = SHA-256(HKDF-Expand(token, "id"))
owner           = small blob "session-whose/1" under the token: member 16 | created u64 | expires u64
"""

import base64
import binascii
import struct
from typing import NamedTuple
from uuid import UUID

from caseapp.lib import base64url
from caseapp.vault.core import blob, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

FORMAT = b"\x07\x01"
_SESSION_BINDING = struct.Struct(">16s16sQQI")
_OWNER = struct.Struct(">16sQQ")
_LENGTH = len(FORMAT) + primitives.NONCE_LENGTH + primitives.KEY_LENGTH + primitives.TAG_LENGTH


class SessionOwner(NamedTuple):
    """The member of a session, and its start and end in whole seconds since 1970."""

    member: UUID
    created: int
    expires: int


def new_token() -> str:
    """Return a new cookie value: 32 random bytes as 43 characters of base64url without padding."""
    return base64url.encode(primitives.new_key())


def session_row_key(token: str) -> bytes:
    """Return the 32 bytes under which the row is stored. Raises OpenFailed when this is not a token."""
    return primitives.digest(primitives.expand(_token_bytes(token), LABELS["session id"]))


def seal_session(
    token: str, bundle_key: bytes, *, org: UUID, member: UUID, created: int, expires: int, epoch: int
) -> bytes:
    """Seal the bundle's key under the token. `created` and `expires` are whole seconds since 1970."""
    key = primitives.expand(_token_bytes(token), LABELS["session key"])
    return FORMAT + primitives.seal(key, bundle_key, _associated_data(org, member, created, expires, epoch))


def open_session(
    token: str, sealed: bytes, *, org: UUID, member: UUID, created: int, expires: int, epoch: int
) -> bytes:
    """Return the bundle's key. Raises OpenFailed when the token or any field differs from what was sealed."""
    if len(sealed) != _LENGTH or sealed[:2] != FORMAT:
        raise UnknownFormat(f"session of {len(sealed)} bytes")
    key = primitives.expand(_token_bytes(token), LABELS["session key"])
    return primitives.open_sealed(
        key, sealed[2:], _associated_data(org, member, created, expires, epoch), what="session"
    )


def seal_owner(token: str, owner: SessionOwner, *, org: UUID, chain: UUID) -> bytes:
    """Seal the session's owner and times for its row, which has no columns for them."""
    plain = _OWNER.pack(owner.member.bytes, owner.created, owner.expires)
    return blob.seal_blob(_token_bytes(token), LABELS["session holder"], (org, chain), plain)


def open_owner(token: str, sealed: bytes, *, org: UUID, chain: UUID) -> SessionOwner:
    """Return the session's owner. Raises OpenFailed if it belongs to another token, office or sign-in."""
    plain = blob.open_blob(_token_bytes(token), LABELS["session holder"], (org, chain), sealed)
    if len(plain) != _OWNER.size:
        raise UnknownFormat(f"whose session: {len(plain)} bytes")
    member, created, expires = _OWNER.unpack(plain)
    return SessionOwner(UUID(bytes=member), created, expires)


def _associated_data(org: UUID, member: UUID, created: int, expires: int, epoch: int) -> bytes:
    return LABELS["session"] + _SESSION_BINDING.pack(org.bytes, member.bytes, created, expires, epoch)


def _token_bytes(token: str) -> bytes:
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as exc:
        raise OpenFailed("not a session token") from exc
    # The last character carries two unused bits; without this check four cookies would open the same session.
    if len(raw) != primitives.KEY_LENGTH or base64url.encode(raw) != token:
        raise OpenFailed("not a session token")
    return raw
