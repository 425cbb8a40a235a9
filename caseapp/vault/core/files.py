"""Sealed files: Cobblestone-256 of C2SP chunked-encryption (read 2026-11), streamed by the library.

    salt 24 | commitment 32 | chunks of 16 KiB + tag 16, the last always shorter
    key 32 | base nonce 12 | commitment 32 = HKDF-Expand-SHA-512(file key,
        "c2sp.org/chunked-encryption@v1+" | "AEAD_AES_256_GCM" | 00 | salt | context)
    nonce of chunk k = base nonce xor k

This module adds what the library lacks: padding the plaintext (Padme, at most 12 %) and reading a range. The true
and the padded size are in the sealed record, so a reader knows the exact length to expect.
"""

from collections.abc import Iterator
from typing import Protocol
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

CHUNK = 16 * 1024
STEP = 1024 * 1024  # bytes read and yielded at once
_SALT, _COMMIT = 24, 32
_HEADER = _SALT + _COMMIT
_SEALED_CHUNK = CHUNK + primitives.TAG_LENGTH
_KEY_CONTEXT = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


class Readable(Protocol):
    """Source of a stream. `read` may return fewer bytes than requested, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Seekable(Readable, Protocol):
    """Source of a range read."""

    def seek(self, offset: int, /) -> int: ...


def file_context(org: UUID, file: UUID, version: int) -> bytes:
    """Return the context that a file is bound to: office, file and version."""
    return LABELS["file"] + org.bytes + file.bytes + version.to_bytes(4, "big")


def padme(size: int) -> int:
    """Return the padded size of a file: at most 12 % more; it reveals O(log log) bits of the length (PURBs, 2019)."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    return -(-size >> free_bits) << free_bits if free_bits > 0 else size


def chunk_count(padded: int) -> int:
    """Return the number of chunks of a plaintext; the last is shorter than 16 KiB and may be empty."""
    return padded // CHUNK + 1


class Sealer:
    """Streaming sealer of one file. `size` counts the true bytes; `padded` is known after `finish`."""

    def __init__(self, key: bytes, context: bytes) -> None:
        self._encryptor = Cobblestone256Encryptor(key, context)
        self._sealed = bytearray()
        self.size = 0
        self.padded = 0

    def update(self, content: bytes) -> bytes:
        """Seal a piece. Return the sealed bytes that are ready."""
        return b"".join(bytes(sealed) for sealed in self.seal_pieces(content))

    def seal_pieces(self, content: bytes | memoryview) -> Iterator[memoryview]:
        """Seal a piece, 1 MiB at once, and yield the sealed bytes that are ready.

        They are not copied: each yielded view is valid until the next one, which is sealed into the same memory.
        """
        plain = memoryview(content)
        for start in range(0, len(plain), STEP):
            part = plain[start : start + STEP]
            # Up to a chunk waits in the encryptor until it is whole, and the first part has the header.
            room = _HEADER + (len(part) // CHUNK + 2) * _SEALED_CHUNK
            if len(self._sealed) < room:
                self._sealed = bytearray(room)
            self.size += len(part)
            ready = self._encryptor.update_into(part, self._sealed)
            if ready:
                yield memoryview(self._sealed)[:ready]

    def finish(self, padded_to: int | None = None) -> bytes:
        """Return the rest, with zeros up to `padded_to` (default `padme(size)`). Raises ValueError if that is less."""
        self.padded = padme(self.size) if padded_to is None else padded_to
        if self.padded < self.size:
            raise ValueError("padded size is less than the size")
        zeros = self._encryptor.update(bytes(self.padded - self.size))
        return zeros + self._encryptor.finalize()


def open_stream(source: Readable, key: bytes, context: bytes, *, size: int, padded: int) -> Iterator[bytes]:
    """Yield the file's true bytes in pieces of up to 1 MiB.

    Raises OpenFailed, possibly after some pieces were yielded: the caller must then discard all of them.
    """
    _check_sizes(size, padded)
    try:
        decryptor = Cobblestone256Decryptor(key, context)
        done = 0
        while piece := source.read(STEP):
            plain = decryptor.update(piece)
            yield from _unpadded_part(plain, done, size)
            done += len(plain)
        plain = decryptor.finalize()
    except (InvalidTag, ValueError) as exc:
        raise OpenFailed("file: wrong key, altered or cut") from exc
    # Yield the last piece only after the length is checked against the sealed record.
    if done + len(plain) != padded:
        raise OpenFailed("file: length differs from its record")
    yield from _unpadded_part(plain, done, size)


def _unpadded_part(plain: bytes, before: int, size: int) -> Iterator[bytes]:
    left = max(0, min(len(plain), size - before))
    if plain[left:] != bytes(len(plain) - left):
        raise OpenFailed("file: padding is not empty")
    if left:
        yield plain[:left]


def _check_sizes(size: int, padded: int) -> None:
    if not 0 <= size <= padded:
        raise OpenFailed("file: sizes do not fit")


class RangeReader:
    """Reader of parts of a file that does not open the rest.

    The constructor checks the key's commitment and the last chunk, hence the length, before any byte is returned, and
    raises OpenFailed. The reader seeks in `source`, so no other code may move its position while reading.
    """

    def __init__(self, source: Seekable, key: bytes, context: bytes, *, size: int, padded: int) -> None:
        _check_sizes(size, padded)
        self.size = size
        self._source = source
        self._last = chunk_count(padded) - 1
        self._last_length = padded % CHUNK
        header = self._read_exactly(0, _HEADER)
        derived = HKDFExpand(hashes.SHA512(), 76, _KEY_CONTEXT + header[:_SALT] + context).derive(key)
        if not primitives.is_equal(derived[44:], header[_SALT:]):
            raise OpenFailed("file: wrong key or altered")
        self._aead = AESGCM(derived[:32])
        self._base = int.from_bytes(derived[32:44], "big")
        self._open_chunk(self._last, self._read_exactly(*self._locate_chunks(self._last, self._last)))
        if source.read(1):
            raise OpenFailed("file: longer than its record says")

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the true bytes from `start` up to, not including, `stop`, in pieces of up to 1 MiB.

        Raises ValueError when the range is not inside the file, OpenFailed as `open_stream` does.
        """
        if not 0 <= start <= stop <= self.size:
            raise ValueError("range leaves the file")
        return self._read_pieces(start, stop)

    def _read_pieces(self, start: int, stop: int) -> Iterator[bytes]:
        at = start
        while at < stop:
            first = at // CHUNK
            final = min((stop - 1) // CHUNK, first + STEP // CHUNK - 1)
            sealed = self._read_exactly(*self._locate_chunks(first, final))
            plain = b"".join(
                self._open_chunk(chunk, sealed[_SEALED_CHUNK * (chunk - first) :][:_SEALED_CHUNK])
                for chunk in range(first, final + 1)
            )
            until = min(stop, (final + 1) * CHUNK)
            yield plain[at - first * CHUNK : until - first * CHUNK]
            at = until

    def _locate_chunks(self, first: int, final: int) -> tuple[int, int]:
        start = _HEADER + first * _SEALED_CHUNK
        last = self._last_length + primitives.TAG_LENGTH if final == self._last else _SEALED_CHUNK
        return start, (final - first) * _SEALED_CHUNK + last

    def _read_exactly(self, offset: int, length: int) -> bytes:
        self._source.seek(offset)
        pieces = []
        while length > 0 and (piece := self._source.read(length)):
            pieces.append(piece)
            length -= len(piece)
        if length:
            raise OpenFailed("file: cut short")
        return b"".join(pieces)

    def _open_chunk(self, chunk: int, sealed: bytes) -> bytes:
        nonce = (self._base ^ chunk).to_bytes(primitives.NONCE_LENGTH, "big")
        try:
            return self._aead.decrypt(nonce, sealed, b"")
        except InvalidTag as exc:
            raise OpenFailed("file: wrong key or altered") from exc
