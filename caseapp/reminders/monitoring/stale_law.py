"""Groups whose dates are not yet computed with the law as it is: who is told, with nobody signed in.

The clock sees how far each group is (`lib.lawmark`) and nothing else of it. From the morning after, everybody of the
office hears the urgent constant text, two mornings long; after that the admins, each day.
"""

import datetime as dt
import logging
import smtplib
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from caseapp import rules
from caseapp.lib import clock, recompute_mark
from caseapp.reminders import recipients
from caseapp.reminders.choices import MORNING
from caseapp.reminders.models import Channel, Heartbeat
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed

EVERYBODY = 2  # mornings on which the whole office is told
STEP = " law"  # tells this message from the day's other urgent one
log = logging.getLogger("caseapp.reminders")


def _place(version: str) -> str:
    return f"law {recompute_mark.end_of(version)}"


def first_seen(version: str) -> dt.date | None:
    """The day (UTC) on which the clock first saw this version of the law, or None if it has not yet."""
    at = Heartbeat.objects.filter(name=_place(version)).values_list("at", flat=True).first()
    return at.date() if at else None


def tell() -> int:
    """Send what is due now to members of offices with a group behind; answers how many messages went out."""
    version = rules.pack_version()
    Heartbeat.objects.get_or_create(name=_place(version), defaults={"at": clock.now().replace(microsecond=0)})
    since = first_seen(version) or clock.now().date()
    sent = 0
    for org_id, owed in _behind(version, since).items():
        for member_id in Channel.objects.filter(org_id=org_id).values_list("member_id", flat=True):
            try:
                sent += _tell(org_id, member_id, owed)
            except (OpenFailed, LookupError, ValueError, smtplib.SMTPException, OSError) as exc:
                log.warning("member %s was not told that dates wait: %s", member_id, type(exc).__name__)
    return sent


def _behind(version: str, since: dt.date) -> dict[UUID, dt.date]:
    """Offices with a group behind, and the earliest day from which that is owed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id, pack_version FROM index_head WHERE pack_version <> %s", [version])
        found: dict[UUID, dt.date] = {}
        for org_id, mark in cursor.fetchall():
            owed = recompute_mark.read(mark).since or since
            found[org_id] = min(owed, found.get(org_id, owed))
    return found


def _tell(org_id: UUID, member_id: UUID, owed: dt.date) -> int:
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    if row is None:
        return 0
    reached = recipients.opened(row)
    local = clock.now().astimezone(ZoneInfo(reached.ways.zone))
    mornings = (local.date() - owed).days
    if reached.ways.gone or local.hour < MORNING or mornings < 1:
        return 0
    if mornings > EVERYBODY and not reached.ways.admin:
        return 0
    return int(dispatch.once(reached, "urgent", local.date(), step=STEP))
