"""Sealed records (format 02): one blob for each, bound to its office, case, id, version and key version.

    02 | alg 01 | kver u32 | nonce 12 | ciphertext | tag 16
    associated data = "rec/1" | org 16 | case 16 | record 16 | version u64 | kver u32
    plaintext       = length u32 | kind u16 | schema u16 | body | zeros up to the step

The kind is only in the plaintext. Steps are 256, 1024 and 4096 bytes, then multiples of 4096.
"""

import struct
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

FORMAT = 2
AES_256_GCM = 1
_HEADER = struct.Struct(">BBI")
_RECORD_BINDING = struct.Struct(">16sQI")  # record, version, kver: the part after office and case
_INNER = struct.Struct(">IHH")  # length of the body, kind, schema
_BODY_AT = _HEADER.size + primitives.NONCE_LENGTH
_MINIMUM = _BODY_AT + 256 + primitives.TAG_LENGTH
MAX_BODY = 16 * 1024 * 1024  # bytes; larger content is stored as a file


class OpenedRecord(NamedTuple):
    """Content of an opened record; `body` is its MessagePack map."""

    kind: int
    schema: int
    body: bytes
    kver: int

    def __repr__(self) -> str:
        return f"<Opened kind={self.kind} schema={self.schema} kver={self.kver}>"


def padded_length(length: int) -> int:
    """Return the padded length in bytes of a plaintext of `length` bytes."""
    for step in (256, 1024, 4096):
        if length <= step:
            return step
    return -(-length // 4096) * 4096


class CaseCipher:
    """Cipher of one case's records under one version of its key. Keep it no longer than a request."""

    __slots__ = ("_aead", "_prefix")

    def __init__(self, case_key: bytes, org: UUID, case: UUID) -> None:
        self._aead = AESGCM(primitives.expand(case_key, LABELS["record"]))
        self._prefix = LABELS["record"] + org.bytes + case.bytes

    def seal(self, *, record: UUID, version: int, kver: int, kind: int, schema: int, body: bytes) -> bytes:
        """Return the sealed bytes of one version of a record. Raises ValueError when the body exceeds MAX_BODY."""
        if len(body) > MAX_BODY:
            raise ValueError(f"record {record}: body is longer than {MAX_BODY} bytes")
        inner = _INNER.pack(len(body), kind, schema) + body
        nonce = primitives.random_bytes(primitives.NONCE_LENGTH)
        associated_data = self._prefix + _RECORD_BINDING.pack(record.bytes, version, kver)
        sealed = self._aead.encrypt(nonce, inner.ljust(padded_length(len(inner)), b"\0"), associated_data)
        return _HEADER.pack(FORMAT, AES_256_GCM, kver) + nonce + sealed

    def open(self, *, record: UUID, version: int, sealed: bytes) -> OpenedRecord:
        """Return the content sealed for exactly this record and version. Raises UnknownFormat, OpenFailed."""
        if len(sealed) < _MINIMUM:
            raise OpenFailed(f"record {record}: cut short")
        form, alg, kver = _HEADER.unpack_from(sealed)
        if form != FORMAT or alg != AES_256_GCM:
            raise UnknownFormat(f"record {record}: format {form}, algorithm {alg}")
        associated_data = self._prefix + _RECORD_BINDING.pack(record.bytes, version, kver)
        try:
            plain = self._aead.decrypt(sealed[_HEADER.size : _BODY_AT], sealed[_BODY_AT:], associated_data)
        except InvalidTag as exc:
            raise OpenFailed(f"record {record}: wrong key or altered") from exc
        return _unpack_record(record, kver, plain)


def _unpack_record(record: UUID, kver: int, plain: bytes) -> OpenedRecord:
    if len(plain) < _INNER.size:
        raise OpenFailed(f"record {record}: length does not fit")
    length, kind, schema = _INNER.unpack_from(plain)
    end = _INNER.size + length
    if len(plain) != padded_length(end):
        raise OpenFailed(f"record {record}: length does not fit")
    if plain[end:] != bytes(len(plain) - end):
        raise OpenFailed(f"record {record}: padding is not empty")
    return OpenedRecord(kind, schema, plain[_INNER.size : end], kver)
