"""The only source of the current time for web, worker and beat.

Tests and drills shift it by writing an offset in seconds to the file named by `CASEAPP_CLOCK_FILE`; each running
process uses the new time at its next call. Production refuses the variable (`config/settings.py`).
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_offset_file = os.environ.get("CASEAPP_CLOCK_FILE")
_cached_offset: tuple[int, timedelta] = (0, timedelta(0))


def now() -> datetime:
    """Return the current instant, timezone-aware, in UTC."""
    return datetime.now(UTC) + _current_offset()


def today(zone: str) -> date:
    """Return today's date in `zone` (an IANA name). Reminder days and "in 2 days" use the office's zone."""
    return local_date(now(), zone)


def local_time(at: datetime, zone: str) -> datetime:
    """Return an aware instant on the clock of `zone` (an IANA name)."""
    return at.astimezone(ZoneInfo(zone))


def local_date(at: datetime, zone: str) -> date:
    """Return the date of an aware instant in `zone` (an IANA name)."""
    return local_time(at, zone).date()


def _current_offset() -> timedelta:
    global _cached_offset
    if not _offset_file:
        return timedelta(0)
    try:
        changed = os.stat(_offset_file).st_mtime_ns
    except FileNotFoundError:
        return timedelta(0)
    if changed != _cached_offset[0]:
        _cached_offset = (changed, timedelta(seconds=float(Path(_offset_file).read_text() or 0)))
    return _cached_offset[1]
