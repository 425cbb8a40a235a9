"""Shred halves: 32 bytes for each member or file, kept outside the database and its backups.

Every unlock needs the half as well. Destroying a half makes the member's bundle or the file unreadable in every copy
of the database. The folder has a short backup of its own and is otherwise a single point of loss
(`docs/operations.md`).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

OwnerKind = Literal["members", "cases"]


class Shredded(OpenFailed):
    """The shred half is destroyed or damaged: the member's bundle or the file can no longer be opened."""


def new(owner_kind: OwnerKind, owner: UUID) -> bytes:
    """Create a half, write it to disk with fsync, and return it. Raises FileExistsError."""
    half = primitives.new_key()
    _create_file(_half_path(owner_kind, owner), half)
    return half


def read_half(owner_kind: OwnerKind, owner: UUID) -> bytes:
    """Return the half. Raises Shredded."""
    try:
        half = _half_path(owner_kind, owner).read_bytes()
    except FileNotFoundError:
        raise Shredded(f"shred half of {owner} is gone") from None
    if len(half) != primitives.KEY_LENGTH:
        raise Shredded(f"shred half of {owner} is damaged")
    return half


def candidate_halves(owner_kind: OwnerKind, owner: UUID) -> tuple[tuple[str, bytes], ...]:
    """Return (mark, half) of every half that may be the valid one. The mark "" is the current half, others are pending.

    There is more than one only between `begin` and `finish`, or after a crash between them. Raises Shredded.
    """
    halves = [("", read_half(owner_kind, owner))] if _half_path(owner_kind, owner).exists() else []
    for path in _pending_paths(owner_kind, owner):
        half = path.read_bytes()
        if len(half) == primitives.KEY_LENGTH:
            halves.append((path.suffix[1:], half))
    if not halves:
        raise Shredded(f"shred half of {owner} is gone")
    return tuple(halves)


def begin(owner_kind: OwnerKind, owner: UUID) -> tuple[str, bytes]:
    """Create a pending half, kept next to the current one until `finish`. Return its mark and the half."""
    mark, half = primitives.random_bytes(8).hex(), primitives.new_key()
    _create_file(_half_path(owner_kind, owner).with_suffix(f".{mark}"), half)
    return mark, half


def finish(owner_kind: OwnerKind, owner: UUID, mark: str) -> None:
    """Replace the current half by the pending one. Call after the commit of what was sealed under it. Idempotent."""
    path = _half_path(owner_kind, owner)
    pending = path.with_suffix(f".{mark}") if mark else path
    if not mark or not pending.exists():
        return
    if path.exists():
        _overwrite_file(path)
    pending.replace(path)
    _sync_folder(path.parent)


def give_up(owner_kind: OwnerKind, owner: UUID, mark: str) -> None:
    """Delete the pending half and keep the current one. Call when nothing was sealed under the pending half."""
    if mark:
        _half_path(owner_kind, owner).with_suffix(f".{mark}").unlink(missing_ok=True)


def give_up_unless(owner_kind: OwnerKind, owner: UUID, mark: str, *, is_committed: Callable[[], bool]) -> None:
    """Give the pending half up after an error, unless what was sealed under it may be committed.

    is_committed  asks the database. If that raises, the commit is uncertain, and both halves stay
    """
    try:
        may_be_committed = is_committed()
    except Exception:
        may_be_committed = True
    if not may_be_committed:
        give_up(owner_kind, owner, mark)


def destroy(owner_kind: OwnerKind, owner: UUID) -> None:
    """Destroy the current and all pending halves, overwriting each before deleting it. Idempotent.

    Overwriting has an effect only where the disk writes in place.
    """
    for path in (_half_path(owner_kind, owner), *_pending_paths(owner_kind, owner)):
        _overwrite_and_delete(path)


def _overwrite_and_delete(path: Path) -> None:
    try:
        _overwrite_file(path)
        path.unlink()
    except FileNotFoundError:
        return
    _sync_folder(path.parent)


def _overwrite_file(path: Path) -> None:
    with path.open("r+b") as out:
        out.write(primitives.new_key())
        out.flush()
        os.fsync(out.fileno())


def _create_file(path: Path, half: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(half)
        out.flush()
        os.fsync(descriptor)
    _sync_folder(path.parent)


def _pending_paths(owner_kind: OwnerKind, owner: UUID) -> list[Path]:
    path = _half_path(owner_kind, owner)
    return sorted(path.parent.glob(f"{path.name}.*"))


def _half_path(owner_kind: OwnerKind, owner: UUID) -> Path:
    return Path(settings.SHRED_FOLDER) / owner_kind / owner.hex


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
