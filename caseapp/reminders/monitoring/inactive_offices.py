"""An office in which nobody looks: it gets messages, and for a week nobody has opened Today. Its admins hear it daily.

Whoever opens Today plans on what is not done (`casework.reminding.go_on`) and sees what passed. Where nobody does, the
planned days run out one after the other, and silence would look like a quiet office.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.choices import MORNING
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed

A_WEEK = timedelta(days=7)
STEP = " nobody"  # tells this message from the admin's own repeat
log = logging.getLogger("caseapp.reminders")


def offices() -> list[UUID]:
    """Offices that have had messages for a week or more without a look. One that got none has nothing to look at."""
    since = clock.now() - A_WEEK
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.org_id FROM reminders_delivery d LEFT JOIN reminders_census c ON c.org_id = d.org_id"
            " WHERE d.what = 'reminder' AND d.state = 'sent' AND (c.looked_on IS NULL OR c.looked_on < %s)"
            " GROUP BY d.org_id HAVING min(d.at) < %s",
            [since.date(), since],
        )
        return [row[0] for row in cursor.fetchall()]


def tell() -> int:
    """Tell the admins of such offices, each working day from their morning on; answers how many messages went out."""
    sent = 0
    for org_id in offices():
        with transaction.atomic():
            admins = recipients.admins(org_id)
        for reached in admins:
            try:
                local = reached.local(clock.now())
                if local.hour >= MORNING and local.weekday() < 5:
                    sent += dispatch.once(reached, "unseen", local.date(), step=STEP)
            except (OpenFailed, LookupError, ValueError, *dispatch.CANNOT) as exc:
                log.warning("admin %s was not told that nobody looks: %s", reached.member_id, type(exc).__name__)
    return sent
