"""Offices that receive messages but in which no member has opened Today for a week. Their admins are notified daily.

Opening Today plans further reminders for open deadlines (`upkeep.reminder_reconciliation`) and shows what is overdue.
Without it the planned days run out one after the other, and the silence would look like a quiet office.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.choices import MORNING_HOUR
from caseapp.reminders.monitoring import queries
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed

INACTIVE_AFTER = timedelta(days=7)
STEP = " nobody"  # distinguishes this message from the admin's own repeat
log = logging.getLogger("caseapp.reminders")


def find_inactive() -> list[UUID]:
    """Return offices that have had messages for a week or more without a look at Today.

    An office without messages has nothing to look at.
    """
    return queries.offices_without_look_since(clock.now() - INACTIVE_AFTER)


def notify_admins() -> int:
    """Notify the admins of such offices, each working day from their morning on; return how many messages went out."""
    sent = 0
    for org_id in find_inactive():
        with transaction.atomic():
            admins = recipients.admins(org_id)
        for recipient in admins:
            try:
                local = recipient.local_time(clock.now())
                if local.hour >= MORNING_HOUR and local.weekday() < 5:
                    sent += dispatch.send_once(recipient, "unseen", local.date(), step=STEP)
            except (OpenFailed, LookupError, ValueError, *dispatch.DELIVERY_ERRORS) as exc:
                log.warning("alarm.inactive_office_not_sent %s", exc)
    return sent
