"""Shred halves: 32 bytes a member or a file, kept outside the database and its backups.

Every way in takes its half too. Destroying a half ends what it belongs to, in every copy of the database there is; the
folder has a short backup of its own and is otherwise a single point of loss (`docs/operations.md`).
"""

import os
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

Of = Literal["members", "cases"]


class Shredded(OpenFailed):
    """The half is gone: what it belonged to does not open again."""


def new(of: Of, owner: UUID) -> bytes:
    """A half on disk, written through before this returns. Raises FileExistsError."""
    half = primitives.new_key()
    _write(_path(of, owner), half)
    return half


def read(of: Of, owner: UUID) -> bytes:
    """The half. Raises Shredded."""
    try:
        half = _path(of, owner).read_bytes()
    except FileNotFoundError:
        raise Shredded(f"shred half of {owner} is gone") from None
    if len(half) != primitives.KEY:
        raise Shredded(f"shred half of {owner} is damaged")
    return half


def candidates(of: Of, owner: UUID) -> tuple[tuple[str, bytes], ...]:
    """(mark, half) of every half that may be the living one: "" is the half in its place, others stand beside it.

    There is more than one only between `begin` and `finish`, or after a crash between them. Raises Shredded.
    """
    found = [("", read(of, owner))] if _path(of, owner).exists() else []
    for path in _beside(of, owner):
        half = path.read_bytes()
        if len(half) == primitives.KEY:
            found.append((path.suffix[1:], half))
    if not found:
        raise Shredded(f"shred half of {owner} is gone")
    return tuple(found)


def begin(of: Of, owner: UUID) -> tuple[str, bytes]:
    """A new half beside the old one; answers its mark and the half. The old one lives until `finish`."""
    mark, half = primitives.random_bytes(8).hex(), primitives.new_key()
    _write(_path(of, owner).with_suffix(f".{mark}"), half)
    return mark, half


def finish(of: Of, owner: UUID, mark: str) -> None:
    """What was sealed under the new half is committed: it takes the old one's place. Twice is as once."""
    path = _path(of, owner)
    beside = path.with_suffix(f".{mark}") if mark else path
    if not mark or not beside.exists():
        return
    if path.exists():
        _overwrite(path)
    beside.replace(path)
    _sync(path.parent)


def give_up(of: Of, owner: UUID, mark: str) -> None:
    """Nothing was sealed under the new half: it goes, the old one stays."""
    if mark:
        _path(of, owner).with_suffix(f".{mark}").unlink(missing_ok=True)


def destroy(of: Of, owner: UUID) -> None:
    """End it, and what stands beside it. Overwritten first, where the disk does that in place; twice is as once."""
    for path in (_path(of, owner), *_beside(of, owner)):
        _destroy(path)


def _destroy(path: Path) -> None:
    try:
        _overwrite(path)
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def _overwrite(path: Path) -> None:
    with path.open("r+b") as out:
        out.write(primitives.new_key())
        out.flush()
        os.fsync(out.fileno())


def _write(path: Path, half: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(half)
        out.flush()
        os.fsync(descriptor)
    _sync(path.parent)


def _beside(of: Of, owner: UUID) -> list[Path]:
    path = _path(of, owner)
    return sorted(path.parent.glob(f"{path.name}.*"))


def _path(of: Of, owner: UUID) -> Path:
    return Path(settings.SHRED_FOLDER) / of / owner.hex


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
