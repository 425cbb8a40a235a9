"""The server's own keys: files beside the database, never in it. No case opens with them."""

import os
from collections.abc import Set
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings

from caseapp.lib import clock
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed

KEEP = timedelta(hours=24)  # a plan key outlives the last row that needed it by this


@cache
def operational_key() -> bytes:
    """The key of the operational tier (reminder days, staff addresses)."""
    return Path(settings.OPERATIONAL_KEY_FILE).read_bytes()


@cache
def audit_key() -> bytes:
    """The key that signs checkpoints of the audit trail."""
    return Path(settings.AUDIT_KEY_FILE).read_bytes()


def plan_key_of_today() -> bytes:
    """The key under which plans of this day are sealed; made at first use."""
    return _make(_path(clock.now().date()))


def plan_key(kid: bytes) -> bytes:
    """The day's key with this locator. Raises OpenFailed when it was destroyed or never was."""
    for path in sorted(Path(settings.PLAN_KEY_FOLDER).glob("*.key")):
        key = path.read_bytes()
        if len(key) == primitives.KEY and operational.plan_kid(key) == kid:
            return key
    raise OpenFailed("no plan key of this kid")


def destroy_old_plan_keys(in_use: Set[bytes]) -> int:
    """Remove the keys of past days that no row has needed for a day; answers how many. Call it every hour or so.

    in_use  locators of the keys that rows not yet merged need: these stay, however old they are
    """
    gone, now = 0, clock.now()
    for path in Path(settings.PLAN_KEY_FOLDER).glob("*.key"):
        with suppress(ValueError):
            day_ends = datetime.combine(date.fromisoformat(path.stem), time.max, UTC)
            if operational.plan_kid(path.read_bytes()) in in_use:
                os.utime(path, (now.timestamp(), now.timestamp()))
            elif now - max(day_ends, datetime.fromtimestamp(path.stat().st_mtime, UTC)) > KEEP:
                path.write_bytes(primitives.new_key())  # overwrite before the name goes
                path.unlink()
                gone += 1
    return gone


def _path(day: date) -> Path:
    folder = Path(settings.PLAN_KEY_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{day.isoformat()}.key"


def _make(path: Path) -> bytes:
    # Linked into place whole: another process never reads half a key, and the first one wins.
    if not path.exists():
        beside = path.with_name(f".{primitives.random_bytes(8).hex()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(primitives.new_key())
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
        _sync(path.parent)  # the key is on disk before any row that needs it
    return path.read_bytes()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
