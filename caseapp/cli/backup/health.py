"""The line of `caseapp doctor` about backups and drills. Needs Django."""

import os
from datetime import datetime, timedelta

from caseapp.lib import clock
from caseapp.reminders import heartbeat

LATE = timedelta(days=2)  # where backups are made every day
DRILL_LATE = timedelta(days=100)


def check_health() -> tuple[bool, str]:
    """Return whether backups are as they should be, and the sentence that says so."""
    seen = heartbeat.last_seen()
    made_at = seen.get("backup")
    is_scheduled = bool(os.environ.get("CASEAPP_BACKUP_TO"))
    if made_at is None:
        if is_scheduled and "backup failed" in seen:
            return False, "none was ever made, and the first one failed: run `caseapp backup`, which says why"
        return True, "none was ever made: see Backup in docs/operations.md"
    age = clock.now() - made_at
    if "backup short" in seen:
        return False, f"the last one, of {made_at:%Y-%m-%d}, lacks files that the database names: look for them"
    if is_scheduled and age > LATE:
        return False, f"the last one is {age.days} days old: run `caseapp backup`, which says why"
    return True, f"last made on {made_at:%Y-%m-%d at %H:%M} UTC; {_drill_sentence(seen.get('backup drill'))}"


def _drill_sentence(at: datetime | None) -> str:
    if at is None:
        return "never tried: run `caseapp backup drill`"
    late = ", do one again" if clock.now() - at > DRILL_LATE else ""
    return f"last drill on {at:%Y-%m-%d}{late}"
