"""Sealed files in storage: written while they arrive, read by range. A random id is the only name they have."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Unavailable
from caseapp.records.document import FileVersion
from caseapp.vault.core import files, primitives
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

VERSION = 1
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SealedBlob:
    """A file that arrived whole and stands sealed in storage, not yet part of a case."""

    id: UUID
    key: bytes = field(repr=False)
    size: int
    padded: int
    chunks: int
    sha256: bytes = field(repr=False)
    start: bytes = field(repr=False)  # first bytes, to tell the kind of file


class BlobWriter:
    """Seals a stream into storage. The row "pending" stands before the first byte, so nothing is orphaned unseen."""

    def __init__(self, org_id: UUID) -> None:
        self.org_id, self.id = org_id, uuid4()
        self.size = 0
        self._key = primitives.new_key()
        self._sealer = files.Sealer(self._key, files.context(org_id, self.id, VERSION))
        self._sha = hashlib.sha256()
        self._start = b""
        with office(org_id), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO vault_blob (org_id, id, state, pending_since) VALUES (%s, %s, 'pending', %s)",
                [org_id, self.id, clock.now()],
            )
        path = path_of(self.id)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._out = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError as exc:
            raise Unavailable("storage does not take a file") from exc

    def write(self, piece: bytes) -> None:
        """Seal and store the next bytes. Raises Unavailable when storage is full."""
        if len(self._start) < 512:
            self._start += piece[: 512 - len(self._start)]
        self.size += len(piece)
        self._sha.update(piece)
        self._put(self._sealer.update(piece))

    def finish(self) -> SealedBlob:
        """Pad, close and make durable."""
        padded = files.padme(self.size)
        self._put(self._sealer.finish(padded))
        try:
            self._out.flush()
            os.fsync(self._out.fileno())
        except OSError as exc:
            raise Unavailable("storage does not keep a file") from exc
        self._out.close()
        folder = os.open(path_of(self.id).parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return SealedBlob(
            self.id, self._key, self.size, padded, files.chunk_count(padded), self._sha.digest(), self._start
        )

    def abandon(self) -> None:
        """The upload stopped: remove what was stored. What cannot be removed now, housekeeping removes within a day."""
        with suppress(OSError):
            self._out.close()
        remove(self.org_id, self.id)

    def _put(self, sealed: bytes) -> None:
        try:
            self._out.write(sealed)
        except OSError as exc:
            self.abandon()
            raise Unavailable("storage is full or does not answer") from exc


def path_of(blob_id: UUID) -> Path:
    """Where a blob stands: no extension, no name, spread over 256 folders."""
    return Path(settings.BLOBS) / blob_id.hex[:2] / blob_id.hex


def remove(org_id: UUID, blob_id: UUID) -> None:
    """Delete a pending blob, row and bytes."""
    with suppress(FileNotFoundError):
        path_of(blob_id).unlink()
    with office(org_id), connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_blob WHERE org_id = %s AND id = %s AND state = 'pending'", [org_id, blob_id])


def remove_abandoned(before: datetime) -> int:
    """Delete blobs of uploads that began before this instant and were never filed, of every office the role sees."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_blob WHERE state = 'pending' AND pending_since < %s RETURNING id", [before])
        gone = [row[0] for row in cursor.fetchall()]
    for blob_id in gone:
        with suppress(FileNotFoundError):
            path_of(blob_id).unlink()
    return len(gone)


def link(org_id: UUID, blob_id: UUID) -> None:
    """The blob belongs to a record now, in the caller's transaction. Raises NotFound if it is not pending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_blob SET state = 'linked', pending_since = NULL"
            " WHERE org_id = %s AND id = %s AND state = 'pending'",
            [org_id, blob_id],
        )
        if cursor.rowcount != 1:
            raise NotFound(f"blob {blob_id} is not pending")


def let_go(org_id: UUID, blob_ids: Iterable[UUID]) -> int:
    """The blobs belong to nothing any more, in the caller's transaction: the next housekeeping removes their bytes.

    Answers how many. Their pending day is the first of all, so that no time stands there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_blob SET state = 'pending', pending_since = %s WHERE org_id = %s AND id = ANY(%s)",
            [LONG_AGO, org_id, list(blob_ids)],
        )
        return int(cursor.rowcount)


@dataclass(frozen=True)
class OpenDocument:
    """A sealed file that may be read. Offsets and sizes are those of the original."""

    org_id: UUID
    file: FileVersion = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the original."""
        return self.file.size

    @property
    def name(self) -> str:
        """The file's name as it was uploaded."""
        return self.file.name

    @property
    def media_type(self) -> str:
        """As told from the bytes, not from what the browser said."""
        return self.file.media_type

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes [start, stop) of the original. Raises OpenFailed before the first byte if the file was cut."""
        reader = files.RangeReader(
            self._open(), self.file.key, self._context(), size=self.file.size, padded=self.file.padded
        )
        return reader.read(start, stop)

    def stream(self) -> Iterator[bytes]:
        """The whole original. Raises OpenFailed at the end when it is not bit for bit what was uploaded."""
        sha = hashlib.sha256()
        for piece in files.open_stream(
            self._open(), self.file.key, self._context(), size=self.file.size, padded=self.file.padded
        ):
            sha.update(piece)
            yield piece
        if sha.digest() != self.file.sha256:
            raise OpenFailed(f"blob {self.file.blob}: not what was uploaded")

    def _context(self) -> bytes:
        return files.context(self.org_id, self.file.blob, self.file.version)

    def _open(self) -> BufferedReader:
        try:
            return path_of(self.file.blob).open("rb")
        except OSError as exc:
            raise Unavailable(f"blob {self.file.blob} is not in storage") from exc
