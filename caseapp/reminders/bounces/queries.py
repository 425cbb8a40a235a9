"""SQL of bounces: days that a returned message had settled are unsent again."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

_UNSEND = """
UPDATE reminders_fire f SET sent_on = NULL FROM
(SELECT id FROM reminders_fire WHERE org_id = %s AND lookup = ANY(%s) AND sent_on = %s ORDER BY lookup FOR UPDATE) d
WHERE f.org_id = %s AND f.id = d.id
"""


def mark_unsent(org_id: UUID, lookups: Sequence[bytes], day: date) -> None:
    """Mark those of these days that were sent on a day as unsent."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEND, [org_id, list(lookups), day, org_id])


def search_from(org_id: UUID, members: Sequence[UUID], day: date) -> None:
    """Let the next round search these members' days from a day on, even if it had advanced past it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET checked_on = LEAST(checked_on, %s) WHERE org_id = %s AND member_id = ANY(%s)",
            [day, org_id, list(members)],
        )
