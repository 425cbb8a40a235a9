"""Files that contain a secret: readable by their owner only, complete or absent, on disk when a call returns."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

KEY_LENGTH = 32  # bytes of a key of the server


def create_file(path: Path, content: bytes) -> bool:
    """Create the file unless it exists. Return whether this call created it.

    Written to a temporary file, then linked: a crash leaves no partial secret, and of two calls the first wins.
    """
    if path.exists():
        return False
    temporary = _write_temporary(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    _sync_folder(path.parent)
    return True


def write_files(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write many files by their paths below `root`, in place of older ones. All are on disk when this returns.

    The file system is synced once: syncing each of a hundred thousand halves would take an hour.
    """
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_temporary(path, content, is_synced=False).replace(path)
    os.sync()


def replace_file(path: Path, content: bytes) -> None:
    """Write the file, in place of an older one, which is overwritten first."""
    put_in_place(_write_temporary(path, content), path)


def put_in_place(newer: Path, path: Path) -> None:
    """Move a complete file to `path`, in place of an older one, which is overwritten first."""
    _overwrite_file(path)
    newer.replace(path)
    _sync_folder(path.parent)


def destroy_file(path: Path) -> None:
    """Overwrite and delete the file. Idempotent. Overwriting has an effect only where the disk writes in place."""
    if not path.parent.is_dir():
        return
    _overwrite_file(path)
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def destroy_folder(root: Path) -> None:
    """Overwrite all files of a folder and remove it. Idempotent. Synced once, as `write_files` is."""
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            _overwrite_file(path, is_synced=False)
    os.sync()
    shutil.rmtree(root, ignore_errors=True)


def _write_temporary(path: Path, content: bytes, *, is_synced: bool = True) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        if is_synced:
            out.flush()
            os.fsync(descriptor)
    return temporary


def _overwrite_file(path: Path, *, is_synced: bool = True) -> None:
    try:
        with path.open("r+b") as out:
            out.write(secrets.token_bytes(path.stat().st_size))
            out.flush()
            if is_synced:
                os.fsync(out.fileno())
    except FileNotFoundError:
        return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
