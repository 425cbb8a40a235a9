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
    path = _path(of, owner)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(half)
        out.flush()
        os.fsync(descriptor)
    _sync(path.parent)
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


def destroy(of: Of, owner: UUID) -> None:
    """End it. Overwritten first, where the disk does that in place; twice is as once."""
    path = _path(of, owner)
    try:
        with path.open("r+b") as out:
            out.write(primitives.new_key())
            out.flush()
            os.fsync(out.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def _path(of: Of, owner: UUID) -> Path:
    return Path(settings.SHRED_FOLDER) / of / owner.hex


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
