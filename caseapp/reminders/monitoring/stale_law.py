"""Notifying offices of groups whose dates are not yet computed with the current law, without any member signed in.

The clock reads how far each group is computed (`lib.recompute_mark`) and nothing else of it. From the next morning on,
all members of the office get the urgent constant text, on two mornings; after that the admins do, each day.
"""

import datetime as dt
import logging
import smtplib
from uuid import UUID

from caseapp import rules
from caseapp.index.models import IndexHead
from caseapp.lib import clock, recompute_mark
from caseapp.reminders import recipients
from caseapp.reminders.choices import MORNING_HOUR
from caseapp.reminders.models import Channel, Heartbeat
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed

OFFICE_MORNINGS = 2  # mornings on which the whole office is notified
STEP = " law"  # distinguishes this message from the day's other urgent one
log = logging.getLogger("caseapp.reminders")


def _heartbeat_name(version: str) -> str:
    return f"law {recompute_mark.version_suffix(version)}"


def first_seen_on(version: str) -> dt.date | None:
    """Return the day (UTC) on which the clock first saw this version of the law, or None if it has not yet."""
    at = Heartbeat.objects.filter(name=_heartbeat_name(version)).values_list("at", flat=True).first()
    return at.date() if at else None


def notify_members() -> int:
    """Send what is due now to members of offices with a group behind; return how many messages went out."""
    version = rules.pack_version()
    Heartbeat.objects.get_or_create(name=_heartbeat_name(version), defaults={"at": clock.now().replace(microsecond=0)})
    since = first_seen_on(version) or clock.now().date()
    sent = 0
    for org_id, owed in _offices_behind(version, since).items():
        for member_id in Channel.objects.filter(org_id=org_id).values_list("member_id", flat=True):
            try:
                sent += _notify_member(org_id, member_id, owed)
            except (OpenFailed, LookupError, ValueError, smtplib.SMTPException, OSError) as exc:
                log.warning("mail.stale_law_not_sent %s", exc)
    return sent


def _offices_behind(version: str, since: dt.date) -> dict[UUID, dt.date]:
    """Return offices with a group behind, and for each the earliest day since which the computation is owed."""
    behind: dict[UUID, dt.date] = {}
    for org_id, mark in IndexHead.objects.exclude(pack_version=version).values_list("org_id", "pack_version"):
        owed = recompute_mark.parse_mark(mark).since or since
        behind[org_id] = min(owed, behind.get(org_id, owed))
    return behind


def _notify_member(org_id: UUID, member_id: UUID, owed: dt.date) -> int:
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    if row is None:
        return 0
    recipient = recipients.open_recipient(row)
    local = recipient.local_time(clock.now())
    mornings = (local.date() - owed).days
    if recipient.settings.gone or local.hour < MORNING_HOUR or mornings < 1:
        return 0
    if mornings > OFFICE_MORNINGS and not recipient.settings.admin:
        return 0
    return int(dispatch.send_once(recipient, "urgent", local.date(), step=STEP))
