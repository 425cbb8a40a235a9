"""Copying of stored files into a backup and back: each once, under its random id, several at a time."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.manifest import FileEntry
from caseapp.cli.backup.archive.target import PARTIAL, write_all, write_sealed
from caseapp.vault.core.archive.backup_file import STEP, FileOpener, RunKey
from caseapp.vault.core.files import Readable
from caseapp.vault.errors import OpenFailed, UnknownFormat

Result = TypeVar("Result")
WORKERS = max(2, min(4, os.cpu_count() or 1))
REPORT_EVERY = 256 * 1024 * 1024  # bytes between two sentences about the progress


def storage_path(blobs: Path, name: str) -> Path:
    """Return where storage has a file, by its id in hex."""
    return blobs / name[:2] / name


def copy_blobs(
    path_of: Callable[[str], Path],
    run_key: RunKey,
    blobs: Path,
    wanted: Sequence[str],
    earlier: Mapping[str, FileEntry],
    say: Report,
) -> tuple[dict[str, FileEntry], list[str]]:
    """Copy the files that the target lacks. Return the entries of all, and the ids that storage does not have.

    path_of  where the target has a file that is sealed to the offline key of this run
    earlier  entries of finished runs with that key: a file that the target has in that size is not copied again
    Raises   OSError
    """
    entries = {name: entry for name in wanted if (entry := earlier.get(name)) and _has_file(path_of(name), entry)}
    absent: list[str] = []
    for folder in {path_of(name).parent for name in wanted if name not in entries}:
        for private in (folder.parent, folder):  # a parent that mkdir adds would be open to others
            private.mkdir(mode=0o700, exist_ok=True)

    def copy_file(name: str) -> FileEntry | None:
        try:
            source = storage_path(blobs, name).open("rb", buffering=0)
        except FileNotFoundError:
            return None
        path = path_of(name)
        partial = path.with_name(f"{PARTIAL}{name}")
        with source:
            entry = write_sealed(partial, run_key, f"blob {name}", _pieces(source), padded=False)
        partial.rename(path)
        return entry

    def take(name: str, entry: FileEntry | None) -> int:
        if entry is None:
            absent.append(name)
            return 0
        entries[name] = entry
        return entry.size

    todo = [name for name in wanted if name not in entries]
    _run_all(todo, copy_file, take, say, f"{len(entries)} were there already")
    return entries, absent


def restore_blobs(
    path_of: Callable[[str], Path], opener: FileOpener, blobs: Path, wanted: Mapping[str, FileEntry], say: Report
) -> None:
    """Bring files of a backup back into storage; `path_of` says where it has them. Raises OSError, BackupRefused.

    Files that an interrupted restore brought back are kept: each was renamed only when it was complete and authentic.
    """
    for folder in {storage_path(blobs, name).parent for name in wanted}:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def restore_file(name: str) -> int:
        path = storage_path(blobs, name)
        if path.exists():
            return 0
        partial = path.with_name(f"{PARTIAL}{name}")
        with path_of(name).open("rb", buffering=0) as source, partial.open("wb", buffering=0) as out:
            reader = DigestReader(source)
            try:
                for piece in opener.open_stream(reader, f"blob {name}"):
                    write_all(out, piece)
            except (OpenFailed, UnknownFormat):
                raise BackupRefused(f"The file {name} of the backup is damaged or belongs to another key.") from None
        if reader.entry != wanted[name]:
            raise BackupRefused(f"The file {name} of the backup is damaged: it differs from the manifest.")
        partial.chmod(0o600)
        partial.rename(path)
        return reader.size

    _run_all(list(wanted), restore_file, lambda _name, size: size, say, "")


class DigestReader:
    """A reader that counts and digests what is read through it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._sha = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes of the source."""
        piece = self._source.read(size)
        self._sha.update(piece)
        self.size += len(piece)
        return piece

    @property
    def entry(self) -> FileEntry:
        """Return size and digest of what was read."""
        return FileEntry(self.size, self._sha.hexdigest())


def _has_file(path: Path, entry: FileEntry) -> bool:
    try:
        return path.stat().st_size == entry.size
    except FileNotFoundError:
        return False


def _pieces(source: Readable) -> Iterator[bytes]:
    while piece := source.read(STEP):
        yield piece


def _run_all(
    names: Sequence[str],
    work: Callable[[str], Result],
    take: Callable[[str, Result], int],
    say: Report,
    remark: str,
) -> None:
    """Do the work of each name in a few threads, and report the progress. The first error ends it."""
    done = size = reported = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: dict[Future[Result], str] = {}
        queue = iter(names)
        try:
            while True:
                for name in queue:
                    waiting[pool.submit(work, name)] = name
                    if len(waiting) >= 2 * WORKERS:
                        break
                if not waiting:
                    break
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    size += take(waiting.pop(future), future.result())
                    done += 1
                if size - reported >= REPORT_EVERY:
                    reported = size
                    say(f"files: {done} of {len(names)}, {size / 2**30:.1f} GB")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    say(f"files: {done} of {len(names)}, {size / 2**30:.1f} GB" + (f"; {remark}" if remark else ""))
