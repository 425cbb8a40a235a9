"""Parts of a group's index, sealed in chunks.

Format: 04 | alg 01 | nonce 12 | ciphertext | tag 16, one such blob a chunk. Plaintext of all chunks together = length
u64 | body | zeros. Associated data of each chunk, fixed width, big-endian: "idx/1" | org16 | group16 | epoch u32 |
lo u64 | hi u64 | chunk u32 | chunks u32, so a part opens only for the group, epoch, saves and length it was made for.

Algorithm 02 is for writers of a case who do not have the group's index key (a case shared with one person, a second
team): 04 | alg 02 | WRAP-H of a new key, sealed to the group's public key with "idx2/1" and the associated data above |
nonce 12 | ciphertext | tag 16. It proves no writer; merging turns it into 01. Any other algorithm is refused.
"""

import secrets
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.files import padme
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

VERSION: Final = 4
UNDER_GROUP_KEY: Final = 1
TO_GROUP: Final = 2
CHUNK: Final = 4 * 1024 * 1024  # plaintext bytes in a chunk
STEP: Final = 1024
SMALL: Final = 64 * 1024  # up to this size steps of 1 KiB, above it Padme (at most 12 % more)
_LENGTH = struct.Struct(">Q")
_PART_BINDING = struct.Struct(">16s16sIQQII")
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Span:
    """The group that a part belongs to, and the saves that it covers: those with numbers in (lo, hi]."""

    org_id: UUID
    group_id: UUID
    epoch: int
    lo: int
    hi: int


def seal(index_key: bytes, span: Span, body: bytes) -> list[bytes]:
    """Return the sealed chunks of a part, in order; at least one.

    `index_key` is 32 bytes, of this group and epoch only.
    """
    cipher = AESGCM(index_key)
    return [
        bytes((VERSION, UNDER_GROUP_KEY)) + _seal_chunk(cipher, text, _associated_data(span, chunk, chunks))
        for chunk, chunks, text in _split_into_chunks(body)
    ]


def seal_to_group(public: bytes, span: Span, body: bytes) -> list[bytes]:
    """Return the chunks of a part sealed to a group whose index key the writer does not have.

    `public` is the group's HPKE key of this epoch.
    """
    sealed = []
    for chunk, chunks, text in _split_into_chunks(body):
        associated_data, key = _associated_data(span, chunk, chunks), primitives.new_key()
        wrap = hybrid.seal_to(public, key, LABELS["index to group"] + associated_data, alg=hybrid.algorithm_of(public))
        sealed.append(bytes((VERSION, TO_GROUP)) + wrap + _seal_chunk(AESGCM(key), text, associated_data))
    return sealed


def _split_into_chunks(body: bytes) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (chunk number, number of chunks, plaintext) of a padded body."""
    padded = bytearray(padded_length(_LENGTH.size + len(body)))
    padded[: _LENGTH.size] = _LENGTH.pack(len(body))
    padded[_LENGTH.size : _LENGTH.size + len(body)] = body
    chunks = -(-len(padded) // CHUNK)
    view = memoryview(padded)
    for chunk in range(chunks):
        yield chunk, chunks, view[chunk * CHUNK : (chunk + 1) * CHUNK]


def _seal_chunk(cipher: AESGCM, text: memoryview, associated_data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, text, associated_data)


def open_part(index_key: bytes, span: Span, sealed: Sequence[bytes], *, private: bytes = b"") -> bytes:
    """Return the body of a part from all its chunks in order. `private`: the group's HPKE key, for algorithm 02.

    Raises OpenFailed (altered, moved, truncated, reordered, wrong key) or UnknownFormat.
    """
    if not sealed:
        raise OpenFailed(_describe_part(span) + ": no chunk")
    cipher = AESGCM(index_key)
    plain = b"".join(_open_chunk(cipher, span, blob, at, len(sealed), private) for at, blob in enumerate(sealed))
    length = _LENGTH.unpack_from(plain)[0] if len(plain) >= _LENGTH.size else -1
    if length < 0 or padded_length(_LENGTH.size + length) != len(plain):
        raise OpenFailed(_describe_part(span) + ": length")
    return plain[_LENGTH.size : _LENGTH.size + length]


def padded_length(length: int) -> int:
    """Return the padded length in bytes: steps of 1 KiB while small, Padme when large."""
    return max(STEP, -(-length // STEP) * STEP) if length <= SMALL else padme(length)


def _open_chunk(cipher: AESGCM, span: Span, blob: bytes, chunk: int, chunks: int, private: bytes) -> bytes:
    if len(blob) < 2 + _NONCE + 16:
        raise OpenFailed(_describe_part(span) + ": cut")
    if blob[0] != VERSION or blob[1] not in {UNDER_GROUP_KEY, TO_GROUP}:
        raise UnknownFormat(f"{_describe_part(span)}: version {blob[0]}, algorithm {blob[1]}")
    associated_data, start = _associated_data(span, chunk, chunks), 2
    if blob[1] == TO_GROUP:
        if not private:
            raise OpenFailed(_describe_part(span) + ": no private key of the group")
        start += hybrid.WRAPPED_KEY[hybrid.algorithm_of_private(private)]
        cipher = AESGCM(hybrid.open_from(private, blob[2:start], LABELS["index to group"] + associated_data))
    view = memoryview(blob)
    try:
        return cipher.decrypt(view[start : start + _NONCE], view[start + _NONCE :], associated_data)
    except (InvalidTag, ValueError) as exc:
        raise OpenFailed(_describe_part(span) + ": wrong key, altered or moved") from exc


def _associated_data(span: Span, chunk: int, chunks: int) -> bytes:
    return LABELS["index part"] + _PART_BINDING.pack(
        span.org_id.bytes, span.group_id.bytes, span.epoch, span.lo, span.hi, chunk, chunks
    )


def _describe_part(span: Span) -> str:
    return f"index part ({span.lo}, {span.hi}] of group {span.group_id}"
