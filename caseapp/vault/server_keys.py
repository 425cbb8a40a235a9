"""The server's own keys: files outside the database. They cannot open any case."""

import os
from collections.abc import Set
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings

from caseapp.lib import clock, secret_files
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed

KEEP_UNUSED = timedelta(hours=24)  # how long a plan key is kept after the last row that needed it


@cache
def operational_key() -> bytes:
    """Return the key of the operational tier (reminder days, staff addresses)."""
    return Path(settings.OPERATIONAL_KEY_FILE).read_bytes()


@cache
def audit_key() -> bytes:
    """Return the key that signs checkpoints of the audit trail."""
    return Path(settings.AUDIT_KEY_FILE).read_bytes()


def plan_key_of_today() -> bytes:
    """Return the key that seals today's plans (day in UTC); create it at first use."""
    return _read_or_create_key(_plan_key_path(clock.now().date()))


def find_plan_key(kid: bytes) -> bytes:
    """Return the day key with this locator. Raises OpenFailed if it was destroyed or never existed."""
    for path in sorted(Path(settings.PLAN_KEY_FOLDER).glob("*.key")):
        key = path.read_bytes()
        if len(key) == primitives.KEY_LENGTH and operational.plan_kid(key) == kid:
            return key
    raise OpenFailed("no plan key of this kid")


def destroy_old_plan_keys(in_use: Set[bytes]) -> int:
    """Delete the keys of past days that no row has needed for 24 hours. Return how many were deleted. Call it hourly.

    in_use  locators of the keys that rows not yet merged need: these are kept, however old they are
    """
    deleted, now = 0, clock.now()
    for path in Path(settings.PLAN_KEY_FOLDER).glob("*.key"):
        with suppress(ValueError):
            day_ends = datetime.combine(date.fromisoformat(path.stem), time.max, UTC)
            if operational.plan_kid(path.read_bytes()) in in_use:
                os.utime(path, (now.timestamp(), now.timestamp()))
            elif now - max(day_ends, datetime.fromtimestamp(path.stat().st_mtime, UTC)) > KEEP_UNUSED:
                secret_files.destroy_file(path)
                deleted += 1
    return deleted


def _plan_key_path(day: date) -> Path:
    folder = Path(settings.PLAN_KEY_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{day.isoformat()}.key"


def _read_or_create_key(path: Path) -> bytes:
    # The key is on disk before any row that needs it; of several processes the first wins.
    secret_files.create_file(path, primitives.new_key())
    return path.read_bytes()
