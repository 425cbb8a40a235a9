"""Sealed files in storage: written as a stream, read by range. A random id is their only name."""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

from django.conf import settings

from caseapp.accounts.members import destruction_journal
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Unavailable
from caseapp.records.document import FileVersion
from caseapp.vault import queries
from caseapp.vault.core import files, primitives
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

VERSION = 1
HASHED_BESIDE = 128 * 1024  # bytes: hashing fewer takes less time than it takes to start a thread
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SealedBlob:
    """A completely uploaded file that is sealed in storage and not yet part of a case."""

    id: UUID
    key: bytes = field(repr=False)
    size: int
    padded: int
    chunks: int
    sha256: bytes = field(repr=False)
    start: bytes = field(repr=False)  # first bytes, to detect the file type


class BlobWriter:
    """A writer that seals a stream into storage. Its "pending" row is inserted first, so no orphan is overlooked."""

    def __init__(self, org_id: UUID) -> None:
        self.org_id, self.id = org_id, uuid4()
        self.size = 0
        self._key = primitives.new_key()
        self._sealer = files.Sealer(self._key, files.file_context(org_id, self.id, VERSION))
        self._sha = hashlib.sha256()
        self._start = b""
        with office_transaction(org_id):
            queries.insert_pending_blob(org_id, self.id, clock.now())
        path = blob_path(self.id)
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
        with _hashing(self._sha, piece):
            for sealed in self._sealer.seal_pieces(piece):
                self._write_sealed(sealed)

    def finish(self) -> SealedBlob:
        """Pad, close and sync the file, and return it as a sealed blob. Raises Unavailable when storage fails."""
        padded = files.padme(self.size)
        self._write_sealed(self._sealer.finish(padded))
        try:
            self._out.flush()
            os.fsync(self._out.fileno())
        except OSError as exc:
            raise Unavailable("storage does not keep a file") from exc
        self._out.close()
        folder = os.open(blob_path(self.id).parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return SealedBlob(
            self.id, self._key, self.size, padded, files.chunk_count(padded), self._sha.digest(), self._start
        )

    def abandon(self) -> None:
        """Delete what an interrupted upload stored. What cannot be deleted now, housekeeping deletes within a day."""
        with suppress(OSError):
            self._out.close()
        delete_pending(self.org_id, self.id)

    def _write_sealed(self, sealed: bytes | memoryview) -> None:
        """Write sealed bytes. Abandons the upload and raises Unavailable when storage is full."""
        try:
            self._out.write(sealed)
        except OSError as exc:
            self.abandon()
            raise Unavailable("storage is full or does not answer") from exc


@contextmanager
def _hashing(sha: "hashlib._Hash", piece: bytes) -> Iterator[None]:
    """Hash a piece in a second thread while the caller seals it; a small piece is hashed before.

    The piece is hashed when this ends, so that no second one is kept in memory.
    """
    if len(piece) < HASHED_BESIDE:
        sha.update(piece)
        yield
        return
    hasher = Thread(target=sha.update, args=(piece,), name="hash a file")
    hasher.start()
    try:
        yield
    finally:
        hasher.join()


def blob_path(blob_id: UUID) -> Path:
    """Return the path of a blob: no extension, no name, spread over 256 folders."""
    return Path(settings.BLOBS) / blob_id.hex[:2] / blob_id.hex


def delete_pending(org_id: UUID, blob_id: UUID) -> None:
    """Delete a pending blob, row and bytes."""
    with suppress(FileNotFoundError):
        blob_path(blob_id).unlink()
    with office_transaction(org_id):
        queries.delete_pending_blob(org_id, blob_id)


def delete_abandoned(before: datetime) -> int:
    """Delete blobs of uploads that began before an instant and were never filed, in every office the role can see.

    Returns how many. Released blobs are among them: those get their lines in the journal first, if they have none.
    """
    released: dict[UUID, list[UUID]] = {}
    for org_id, blob_id in queries.blobs_pending_since(LONG_AGO):
        released.setdefault(org_id, []).append(blob_id)
    for org_id, blob_ids in released.items():
        record_released(org_id, blob_ids)
    gone = queries.delete_blobs_pending_before(before)
    for blob_id in gone:
        with suppress(FileNotFoundError):
            blob_path(blob_id).unlink()
    return len(gone)


def mark_linked(org_id: UUID, blob_id: UUID) -> None:
    """Mark a pending blob as part of a record, in the caller's transaction. Raises NotFound if it is not pending."""
    if not queries.link_blob(org_id, blob_id):
        raise NotFound(f"blob {blob_id} is not pending")


def release_blobs(org_id: UUID, blob_ids: Iterable[UUID]) -> int:
    """Mark blobs as pending again, in the caller's transaction; the next housekeeping deletes their bytes.

    Returns how many. Their pending time is set to 1970, so that the row does not show when they were released.
    """
    return queries.unlink_blobs(org_id, blob_ids, LONG_AGO)


def destroy_blobs(org_id: UUID, blob_ids: Collection[UUID]) -> None:
    """Destroy files that no case contains, rows and bytes; a restore does not bring them back. Run on a schedule."""
    record_released(org_id, blob_ids)
    for blob_id in blob_ids:
        queries.delete_blob(org_id, blob_id)
        with suppress(FileNotFoundError):
            blob_path(blob_id).unlink()


def record_released(org_id: UUID, blob_ids: Iterable[UUID]) -> None:
    """Write blobs of a destroyed case into the journal of destructions: a restore does not bring them back."""
    destruction_journal.record_destructions("blobs", org_id, sorted(blob_ids))


@dataclass(frozen=True)
class OpenDocument:
    """A sealed file that the caller may read. Offsets and sizes are those of the original."""

    org_id: UUID
    file: FileVersion = field(repr=False)

    @property
    def size(self) -> int:
        """Return the size of the original in bytes."""
        return self.file.size

    @property
    def name(self) -> str:
        """Return the file name given at upload."""
        return self.file.name

    @property
    def media_type(self) -> str:
        """Return the media type detected from the bytes, not the one the browser claimed."""
        return self.file.media_type

    def read_range(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes [start, stop) of the original. Raises OpenFailed before the first byte if truncated."""
        reader = files.RangeReader(
            self._open_blob(), self.file.key, self._seal_context(), size=self.file.size, padded=self.file.padded
        )
        return reader.read(start, stop)

    def stream_verified(self) -> Iterator[bytes]:
        """Yield the whole original. Raises OpenFailed at the end when it is not bit for bit what was uploaded."""
        sha = hashlib.sha256()
        for piece in files.open_stream(
            self._open_blob(), self.file.key, self._seal_context(), size=self.file.size, padded=self.file.padded
        ):
            sha.update(piece)
            yield piece
        if sha.digest() != self.file.sha256:
            raise OpenFailed(f"blob {self.file.blob}: not what was uploaded")

    def _seal_context(self) -> bytes:
        return files.file_context(self.org_id, self.file.blob, self.file.version)

    def _open_blob(self) -> BufferedReader:
        try:
            return blob_path(self.file.blob).open("rb")
        except OSError as exc:
            raise Unavailable(f"blob {self.file.blob} is not in storage") from exc
