"""The one source of the present moment for web, worker and beat.

Tests and drills move it by writing an offset in seconds to the file named by `CASEAPP_CLOCK_FILE`; all running
processes see the new time at their next look. Production refuses the variable (`config/settings.py`).
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_offset_file = os.environ.get("CASEAPP_CLOCK_FILE")
_seen: tuple[int, timedelta] = (0, timedelta(0))


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def today(zone: str) -> date:
    """The date it is now in `zone` (an IANA name): reminder days and "in 2 days" are the office's."""
    return now().astimezone(ZoneInfo(zone)).date()


def move(path: Path, offset: timedelta) -> None:
    """Set the offset that every process with this clock file uses from now on."""
    beside = path.with_suffix(".new")
    beside.write_text(str(offset.total_seconds()))
    beside.replace(path)


def _offset() -> timedelta:
    global _seen
    if not _offset_file:
        return timedelta(0)
    try:
        changed = os.stat(_offset_file).st_mtime_ns
    except FileNotFoundError:
        return timedelta(0)
    if changed != _seen[0]:
        _seen = (changed, timedelta(seconds=float(Path(_offset_file).read_text() or 0)))
    return _seen[1]
