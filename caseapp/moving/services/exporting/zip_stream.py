"""A zip archive that is made while it is read: nothing of it is stored, and only one piece is in memory at a time."""

import datetime as dt
import hashlib
import io
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from caseapp.lib.errors import Unavailable
from caseapp.vault.errors import OpenFailed

PIECE = 65_536  # bytes that are collected before they are sent
FILE_MODE = 0o600 << 16  # external attributes of a file that its owner alone reads


@dataclass(frozen=True)
class ArchiveFile:
    """One file of an archive. `pieces` is read once, when its turn is there.

    is_compressed  False for documents, which are compressed already
    """

    path: str
    pieces: Iterable[bytes] = field(repr=False)
    is_compressed: bool = True


@dataclass(frozen=True)
class WrittenFile:
    """One file of an archive as it was written. `is_whole` is False for a stored file that did not open to its end."""

    path: str
    size: int
    sha256: str
    is_whole: bool = True


class _Outlet(io.RawIOBase):
    """Collects what the archive writes. It cannot seek, so the archive never goes back to change what was sent."""

    def __init__(self) -> None:
        self._collected = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer
        self._collected += content
        return len(content)

    def take(self, least: int = 1) -> Iterator[bytes]:
        """Yield what was collected, if it is at least so many bytes."""
        if len(self._collected) >= least:
            yield bytes(self._collected)
            self._collected.clear()


class ZipStream:
    """One archive under way. `written` lists its files so far, for the manifest at its end."""

    def __init__(self, at: dt.datetime) -> None:
        self.written: list[WrittenFile] = []
        self._time = at.timetuple()[:6]
        self._outlet = _Outlet()

    def stream(self, files: Iterable[ArchiveFile]) -> Generator[bytes]:
        """Yield the archive. `files` may be a generator that reads `written`."""
        with ZipFile(self._outlet, "w", allowZip64=True) as archive:
            for file in files:
                yield from self._add_file(archive, file)
        yield from self._outlet.take()

    def _add_file(self, archive: ZipFile, file: ArchiveFile) -> Iterator[bytes]:
        entry = ZipInfo(file.path, date_time=self._time)
        entry.compress_type = ZIP_DEFLATED if file.is_compressed else ZIP_STORED
        entry.external_attr = FILE_MODE
        sha, size, is_whole = hashlib.sha256(), 0, True
        with archive.open(entry, "w", force_zip64=True) as target:
            pieces = iter(file.pieces)
            while True:
                try:
                    piece = next(pieces, None)
                except (OpenFailed, Unavailable):  # the rest of the archive is still worth having
                    is_whole = False
                    break
                if piece is None:
                    break
                target.write(piece)
                sha.update(piece)
                size += len(piece)
                yield from self._outlet.take(PIECE)
        self.written.append(WrittenFile(file.path, size, sha.hexdigest(), is_whole))
