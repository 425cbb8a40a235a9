"""The target of backups: a folder with main parts, server keys and shred halves apart, so that each can be a mount.

    main/RUN/manifest, main/RUN/database    one folder for each run
    main/blobs/KEY/ab/ab12...               sealed files, once for each offline key, under their random id in storage
    keys/RUN                                the server's keys
    halves/RUN                              the shred halves, deleted after 14 days
    destructions.journal                    the journal of destructions

A run is written under a name that begins with a dot, and renamed when all of it is on disk.
"""

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import RawIOBase
from pathlib import Path

from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.manifest import MANIFEST, FileEntry, Manifest, read_manifest
from caseapp.vault.core.archive.backup_file import STEP, FileSealer, RunKey

HALVES_KEPT = timedelta(days=14)
PARTIAL = ".partial-"  # how the name of an unfinished file or folder begins
WRITE_OUT_EVERY = 32 * 1024 * 1024  # bytes of a file after which the disk begins to write them
_SYNC_FILE_RANGE_WRITE = 2  # of <fcntl.h>
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Target:
    """A target folder and the paths inside it."""

    root: Path

    @property
    def main(self) -> Path:
        return self.root / "main"

    @property
    def journal(self) -> Path:
        return self.root / "destructions.journal"

    def blob(self, key: str, name: str) -> Path:
        """Return the path of a blob, sealed to the offline key of this id, by the blob's id in hex."""
        return self.main / "blobs" / key / name[:2] / name

    def part(self, run_name: str, part: str) -> Path:
        """Return the path of a part of a finished run."""
        return self.main / run_name / part if part == "database" else self.root / part / run_name

    def run_names(self) -> list[str]:
        """Return the names of the finished runs, oldest first. Raises BackupRefused."""
        with explained(self.root):
            if not self.main.is_dir():
                return []
            return sorted(path.parent.name for path in self.main.glob(f"[0-9]*/{MANIFEST}"))

    def read_runs(self, signer: bytes) -> list[Manifest]:
        """Return the manifests of the finished runs, oldest first. Raises BackupRefused."""
        return [read_manifest(self.main / name / MANIFEST, signer) for name in self.run_names()]


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an error of the disk into one sentence that names the folder. Raises BackupRefused."""
    try:
        yield
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise BackupRefused(f"{folder} is full: free space there. The backups before this one are whole.") from None
        raise BackupRefused(f"{folder} cannot be used ({problem.strerror or type(problem).__name__}).") from None


@contextmanager
def locked_target(target: Target) -> Iterator[None]:
    """Create and lock the target, and remove what an interrupted run left. Raises BackupRefused."""
    with explained(target.root):
        for folder in (target.root, target.main, target.main / "blobs", target.root / "keys", target.root / "halves"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.fdopen(os.open(target.root / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w")
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"Another backup to {target.root} is running.") from None
        with explained(target.root):
            remove_partial(target)
        yield
    finally:
        lock.close()


def remove_partial(target: Target) -> None:
    """Remove unfinished files and folders, and parts of a run that was cut before its manifest was in place.

    Without a single finished run such parts stay: the main parts may be on a disk that is not mounted just now.
    """
    if finished := set(target.run_names()):
        for path in (*target.root.glob("keys/[0-9]*"), *target.root.glob("halves/[0-9]*")):
            if path.name not in finished:
                path.unlink()
    for pattern in ("main", "keys", "halves", "main/blobs/*/??"):
        for path in target.root.glob(f"{pattern}/{PARTIAL}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def write_sealed(path: Path, run_key: RunKey, name: str, pieces: Iterable[bytes], *, padded: bool = True) -> FileEntry:
    """Seal `pieces` into the new file `path`; return its size and digest. It is on disk after `sync_folder`."""
    sealer, sha, size, begun = FileSealer(run_key, name), hashlib.sha256(), 0, 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as out:
        for sealed in _sealed_pieces(sealer, pieces, padded=padded):
            sha.update(sealed)
            size += len(sealed)
            write_all(out, sealed)
            if size - begun >= WRITE_OUT_EVERY:
                begin_write_out(out.fileno())
                begun = size
        begin_write_out(out.fileno())
    return FileEntry(size, sha.hexdigest())


def _sealed_pieces(sealer: FileSealer, pieces: Iterable[bytes], *, padded: bool) -> Iterator[bytes]:
    yield sealer.start()
    for piece in pieces:
        if sealed := sealer.update(piece):
            yield sealed
    yield sealer.finish(padded=padded)


def write_all(out: RawIOBase, content: bytes) -> None:
    """Write all of `content` to an unbuffered file. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[out.write(rest) or 0 :]


def digest_of(path: Path) -> FileEntry:
    """Return size and digest of a stored file. Raises OSError."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while piece := source.read(STEP):
            sha.update(piece)
            size += len(piece)
    return FileEntry(size, sha.hexdigest())


def begin_write_out(descriptor: int) -> None:
    """Let the disk begin to write a file while the next is sealed; only `sync_folder` says that it is written.

    Without this the disk waits until all is sealed, and the run until all is written.
    """
    if start := getattr(_LIBC, "sync_file_range", None):  # Linux
        start(descriptor, ctypes.c_int64(0), ctypes.c_int64(0), ctypes.c_uint(_SYNC_FILE_RANGE_WRITE))


def sync_folder(folder: Path) -> None:
    """Return when everything written to the folder's file system is on its disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if sys.platform == "linux":
            if _LIBC.syncfs(descriptor) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        else:
            os.sync()
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete_old_halves(target: Target, now: datetime) -> int:
    """Delete backups of shred halves that are older than 14 days. Return how many. Raises OSError."""
    deleted = 0
    for path in (target.root / "halves").glob("[0-9]*"):
        with suppress(ValueError):
            if now - instant_of(path.name) > HALVES_KEPT:
                overwrite(path)
                path.unlink()
                deleted += 1
    return deleted


def overwrite(path: Path) -> None:
    """Overwrite a file with zeros, which has an effect only where the disk writes in place."""
    with path.open("r+b") as out:
        out.write(bytes(path.stat().st_size))
        out.flush()
        os.fsync(out.fileno())


def instant_of(run_name: str) -> datetime:
    """Return the instant in the name of a run. Raises ValueError."""
    return datetime.strptime(run_name[:16] + "+0000", "%Y%m%dT%H%M%SZ%z")


def apply_retention(target: Target, runs: list[Manifest], now: datetime, kept: timedelta) -> int:
    """Delete runs older than `kept`, never the newest, then blobs that no run names. Return how many runs went.

    runs  every finished run, oldest first
    """
    old = [manifest for manifest in runs[:-1] if now - manifest.at > kept]
    for manifest in old:
        # The manifest goes first: without it the rest is no run, and the next clean-up removes it.
        partial = target.main / f"{PARTIAL}{manifest.name}"
        (target.main / manifest.name).rename(partial)
        shutil.rmtree(partial)
        with suppress(FileNotFoundError):
            target.part(manifest.name, "keys").unlink()
    named = {(manifest.key, name) for manifest in runs if manifest not in old for name in manifest.blobs}
    for path in target.main.glob("blobs/*/??/*"):
        if (path.parents[1].name, path.name) not in named:
            path.unlink()
    return len(old)
