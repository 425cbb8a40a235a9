"""Parts of a group's index, sealed in chunks.

Format: 04 | alg 01 | nonce 12 | ciphertext | tag 16, one such blob a chunk. Plaintext of all chunks together = length
u64 | body | zeros. Associated data of each chunk, fixed width, big-endian: "idx/1" | org16 | group16 | epoch u32 |
lo u64 | hi u64 | chunk u32 | chunks u32, so a part opens only where, when and as long as it was written.

Algorithm 02 (HPKE to the group's public key, for writers without the group's key) is not known here yet: it is refused
as UnknownFormat, never skipped.
"""

import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseapp.vault.core.files import padme
from caseapp.vault.errors import OpenFailed, UnknownFormat

VERSION: Final = 4
UNDER_GROUP_KEY: Final = 1
CHUNK: Final = 4 * 1024 * 1024  # plaintext bytes a chunk
STEP: Final = 1024
SMALL: Final = 64 * 1024  # up to here steps of 1 KiB, above Padme (at most 12 % more)
LABEL: Final = b"idx/1"
_LENGTH = struct.Struct(">Q")
_PLACE = struct.Struct(">16s16sIQQII")
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Span:
    """Whose part it is, and which saves it covers: those with numbers in (lo, hi]."""

    org_id: UUID
    group_id: UUID
    epoch: int
    lo: int
    hi: int


def seal(index_key: bytes, span: Span, body: bytes) -> list[bytes]:
    """The chunks of a part, in order; at least one. `index_key` is 32 bytes, of this group and epoch only."""
    cipher = AESGCM(index_key)
    padded = bytearray(padded_length(_LENGTH.size + len(body)))
    padded[: _LENGTH.size] = _LENGTH.pack(len(body))
    padded[_LENGTH.size : _LENGTH.size + len(body)] = body
    chunks = -(-len(padded) // CHUNK)
    view = memoryview(padded)
    sealed = []
    for chunk in range(chunks):
        nonce = secrets.token_bytes(_NONCE)
        text = cipher.encrypt(nonce, view[chunk * CHUNK : (chunk + 1) * CHUNK], _place(span, chunk, chunks))
        sealed.append(bytes((VERSION, UNDER_GROUP_KEY)) + nonce + text)
    return sealed


def open_part(index_key: bytes, span: Span, sealed: Sequence[bytes]) -> bytes:
    """The body of a part from all its chunks in order.

    Raises OpenFailed (altered, moved, cut, reordered, other key) or UnknownFormat.
    """
    if not sealed:
        raise OpenFailed(_name(span) + ": no chunk")
    cipher = AESGCM(index_key)
    plain = b"".join(_open_chunk(cipher, span, blob, at, len(sealed)) for at, blob in enumerate(sealed))
    length = _LENGTH.unpack_from(plain)[0] if len(plain) >= _LENGTH.size else -1
    if length < 0 or padded_length(_LENGTH.size + length) != len(plain):
        raise OpenFailed(_name(span) + ": length")
    return plain[_LENGTH.size : _LENGTH.size + length]


def padded_length(length: int) -> int:
    """Bytes that `length` bytes are padded to: steps of 1 KiB while small, Padme when large."""
    return max(STEP, -(-length // STEP) * STEP) if length <= SMALL else padme(length)


def _open_chunk(cipher: AESGCM, span: Span, blob: bytes, chunk: int, chunks: int) -> bytes:
    if len(blob) < 2 + _NONCE + 16:
        raise OpenFailed(_name(span) + ": cut")
    if blob[0] != VERSION or blob[1] != UNDER_GROUP_KEY:
        raise UnknownFormat(f"{_name(span)}: version {blob[0]}, algorithm {blob[1]}")
    view = memoryview(blob)
    try:
        return cipher.decrypt(view[2 : 2 + _NONCE], view[2 + _NONCE :], _place(span, chunk, chunks))
    except InvalidTag as exc:
        raise OpenFailed(_name(span) + ": wrong key, altered or moved") from exc


def _place(span: Span, chunk: int, chunks: int) -> bytes:
    return LABEL + _PLACE.pack(span.org_id.bytes, span.group_id.bytes, span.epoch, span.lo, span.hi, chunk, chunks)


def _name(span: Span) -> str:
    return f"index part ({span.lo}, {span.hi}] of group {span.group_id}"
