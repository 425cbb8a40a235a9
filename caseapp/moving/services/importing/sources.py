"""Files of an import in sealed storage: facts of an upload, and a stream of its bytes, in memory only."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import file_storage
from caseapp.casefile.file_storage import OpenDocument, SealedBlob
from caseapp.documents import file_types
from caseapp.lib import clock
from caseapp.moving.services.importing.shapes import ImportState
from caseapp.records.document import FileVersion

BUFFER = 1024 * 1024  # bytes that are opened at a time


class SealedSource(io.RawIOBase):
    """A sealed file as a stream that can be read and moved in."""

    def __init__(self, document: OpenDocument) -> None:
        super().__init__()
        self._document, self._at = document, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._document.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the offset."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stub has a wider type
        """Read into a buffer and return how many bytes were read. Raises OpenFailed, Unavailable."""
        stop = min(self._at + len(buffer), self._document.size)
        at = 0
        if stop > self._at:
            for piece in self._document.read_range(self._at, stop):
                buffer[at : at + len(piece)] = piece
                at += len(piece)
        self._at += at
        return at


@contextmanager
def open_source(staff: Staff, state: ImportState) -> Iterator[BinaryIO]:
    """Open the file with the rows of an import as a stream of its decrypted bytes, in memory only."""
    with open_file(staff, state.source) as stream:
        yield stream


@contextmanager
def open_file(staff: Staff, file: FileVersion) -> Iterator[BinaryIO]:
    """Open a sealed file as a stream of its decrypted bytes."""
    stream = open_stream(staff, file)
    try:
        yield stream
    finally:
        stream.close()


def open_stream(staff: Staff, file: FileVersion) -> BinaryIO:
    """Return a sealed file as a stream of its decrypted bytes, in memory only; the caller closes it."""
    return cast(BinaryIO, io.BufferedReader(SealedSource(OpenDocument(staff.org_id, file)), BUFFER))


def facts_of(staff: Staff, name: str, blob: SealedBlob) -> FileVersion:
    """Return the facts of an upload as an import keeps them."""
    return FileVersion(
        blob=blob.id,
        version=file_storage.VERSION,
        key=blob.key,
        size=blob.size,
        padded=blob.padded,
        chunks=blob.chunks,
        sha256=blob.sha256,
        name=file_types.clean_file_name(name),
        media_type=file_types.detect_media_type(blob.start),
        added_at=clock.now(),
        added_by=staff.member_id,
    )
