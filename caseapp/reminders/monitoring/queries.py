"""SQL of monitoring: offices that no member looks at, and the lock of the process that warns."""

from datetime import datetime
from uuid import UUID

from django.db import connection

WARN_LOCK = 0x0CA5EA99_0000_0003  # advisory lock: several web processes check


def offices_without_look_since(since: datetime) -> list[UUID]:
    """Return offices that had messages before an instant and in which no member has opened Today since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.org_id FROM reminders_delivery d LEFT JOIN reminders_census c ON c.org_id = d.org_id"
            " WHERE d.what = 'reminder' AND d.state = 'sent' AND (c.looked_on IS NULL OR c.looked_on < %s)"
            " GROUP BY d.org_id HAVING min(d.at) < %s",
            [since.date(), since],
        )
        return [row[0] for row in cursor.fetchall()]


def try_warn_lock() -> bool:
    """Try to become the only process that warns, until the transaction ends. Return False if another one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [WARN_LOCK])
        return bool(cursor.fetchone() == (True,))
