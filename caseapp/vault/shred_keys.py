"""Shred halves: 32 bytes for each member or file, kept outside the database and its backups.

Every unlock needs the half as well. Destroying a half makes the member's bundle or the file unreadable in every copy
of the database. The folder has a short backup of its own and is otherwise a single point of loss
(`docs/operations.md`).
"""

import shutil
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from caseapp.lib import secret_files
from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

DRILL_FOLDER = "drill"  # in the data folder: a drill restores into it, halves included
OwnerKind = Literal["members", "cases"]


class Shredded(OpenFailed):
    """The shred half is destroyed or damaged: the member's bundle or the file can no longer be opened."""


def new(owner_kind: OwnerKind, owner: UUID) -> bytes:
    """Create a half, write it to disk with fsync, and return it. Raises FileExistsError."""
    half = primitives.new_key()
    _create_half(_half_path(owner_kind, owner), half)
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
    _create_half(_half_path(owner_kind, owner).with_suffix(f".{mark}"), half)
    return mark, half


def finish(owner_kind: OwnerKind, owner: UUID, mark: str) -> None:
    """Replace the current half by the pending one. Call after the commit of what was sealed under it. Idempotent."""
    path = _half_path(owner_kind, owner)
    pending = path.with_suffix(f".{mark}") if mark else path
    if mark and pending.exists():
        secret_files.put_in_place(pending, path)


def give_up(owner_kind: OwnerKind, owner: UUID, mark: str) -> None:
    """Delete the pending half and keep the current one. Call when nothing was sealed under the pending half."""
    if mark:
        secret_files.destroy_file(_half_path(owner_kind, owner).with_suffix(f".{mark}"))


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
        secret_files.destroy_file(path)


def destroy_each(owner_kind: OwnerKind, owners: Collection[UUID]) -> int:
    """Destroy all halves of these owners with one look at the folder. Return how many files went. Idempotent."""
    names, folder = {owner.hex for owner in owners}, Path(settings.SHRED_FOLDER) / owner_kind
    paths = [path for path in folder.iterdir() if path.name.partition(".")[0] in names] if folder.is_dir() else []
    for path in paths:
        secret_files.destroy_file(path)
    return len(paths)


def destroy_drill_copies(begun_before: datetime) -> None:
    """Destroy the copies of halves that a killed drill left: of a case destroyed since, they would be the last ones."""
    folder = Path(settings.DATA_FOLDER) / DRILL_FOLDER
    if folder.is_dir() and folder.stat().st_mtime < begun_before.timestamp():
        secret_files.destroy_folder(folder / "secrets")
        shutil.rmtree(folder, ignore_errors=True)


def _create_half(path: Path, half: bytes) -> None:
    if not secret_files.create_file(path, half):
        raise FileExistsError(path.name)


def _pending_paths(owner_kind: OwnerKind, owner: UUID) -> list[Path]:
    path = _half_path(owner_kind, owner)
    return sorted(path.parent.glob(f"{path.name}.*"))


def _half_path(owner_kind: OwnerKind, owner: UUID) -> Path:
    return Path(settings.SHRED_FOLDER) / owner_kind / owner.hex
