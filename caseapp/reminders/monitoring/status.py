"""A silent reminder system is the worst bug we can have: who notices, and who is told.

The web process looks every five minutes without the queue (`watching`), and mails the admins itself when beat, worker
or the last claim is 30 minutes late.
"""

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from caseapp.accounts.models import Door
from caseapp.lib import clock
from caseapp.reminders import heartbeat, recipients
from caseapp.reminders.choices import MAIL_AWAY, MORNING, SELF_TEST_LATE
from caseapp.reminders.models import Channel, Delivery, OutboxState
from caseapp.reminders.planning import checks
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

LATE = timedelta(minutes=30)
MERGE_LATE = timedelta(minutes=15)
MAIL_LATE = timedelta(hours=1)
BOUNCES_LATE = timedelta(hours=1)
WARN_AGAIN = timedelta(hours=6)
WARN_LOCK = 0x0CA5EA99_0000_0003  # advisory lock
PARTS = ("beat", "worker", "claim")
WATCHED = (*PARTS, "merge", "plans", "mail", "self-test", "bounces")  # all that `Status.late` can name
log = logging.getLogger("caseapp.reminders")
_started = clock.now()
_unwritten: dict[UUID, datetime] = {}  # office -> when its admins were told and the database took no line of it


@dataclass(frozen=True)
class Status:
    """`late`: which of WATCHED were not heard of in time, or are not as they should be."""

    late: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether reminders can be relied on."""
        return not self.late


def status(now: datetime | None = None) -> Status:
    """What is late now. A part never heard of counts from the start of this process.

    plans    some plan does not open (`outbox.merge`): a reminder it holds is not in the fire rows
    mail     the mail server took nothing for an hour, and something waits for it
    bounces  the mailbox of what comes back is set up and could not be read (`bounces.read`)
    """
    now = now or clock.now()
    seen = heartbeat.seen()
    late = [part for part in PARTS if now - seen.get(part, _started) > LATE]
    outbox_row = OutboxState.objects.filter(id=1).first()
    merged_at = (outbox_row.merged_at if outbox_row else None) or _started
    if now - merged_at > MERGE_LATE:
        late.append("merge")
    if outbox_row and outbox_row.unread:
        late.append("plans")
    if now - seen.get(MAIL_AWAY, now) > MAIL_LATE:
        late.append("mail")
    if now - seen.get("self-test", _started) > SELF_TEST_LATE:
        late.append("self-test")
    if settings.BOUNCES and now - seen.get("bounces", _started) > BOUNCES_LATE:
        late.append("bounces")
    return Status(tuple(late))


def is_silent(org_id: UUID) -> bool:
    """Whether an office's people should look for themselves: something is late, or reminders were missing today."""
    return not status().is_healthy or checks.missing_since(clock.now() - timedelta(days=1), org_id) > 0


def self_test() -> int:
    """Once a day and office, a message to each admin through the real mail server; answers how many went out."""
    sent = 0
    for org_id, member_id in Channel.objects.values_list("org_id", "member_id"):
        try:
            sent += _self_test_of(org_id, member_id)
        except (OpenFailed, LookupError, ValueError, smtplib.SMTPException, OSError) as exc:
            log.warning("self-test of member %s did not go out: %s", member_id, type(exc).__name__)
    if sent:
        heartbeat.beat("self-test")
    return sent


def _self_test_of(org_id: UUID, member_id: UUID) -> int:
    """By e-mail alone: it is the mail path that is tried. Beside another process at it, nobody is told twice.

    Nor does one that came back go out again and again: it waits for another address, or a test of this one.
    """
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    if row is None:
        return 0
    reached = recipients.opened(row)
    local = reached.local(clock.now())
    mail = next((way for way in reached.ways.all if way.kind == "email"), None)
    if not reached.ways.admin or mail is None or mail.came_back or local.hour < MORNING:
        return 0
    return int(dispatch.once(reached, "self-test", local.date(), way=mail))


def warn_admins() -> int:
    """Mail every office's admins, directly and at most once in six hours, when something is late."""
    if status().is_healthy:
        return 0
    return sum(_warn(org_id) for org_id in Door.objects.values_list("org_id", flat=True).distinct())


def tell_mail_away() -> int:
    """The same from the worker while the mail server is away: whoever has another address hears of it by that."""
    if "mail" not in status().late:
        return 0
    # Not by mail: a worker that waits for it once for every admin would tell nobody anything.
    return sum(_warn(org_id, mail=False) for org_id in Channel.objects.values_list("org_id", flat=True).distinct())


def _warn(org_id: UUID, *, mail: bool = True) -> int:
    now, sent = clock.now(), 0
    if (told_at := _unwritten.get(org_id)) and now - WARN_AGAIN < told_at <= now:
        return 0
    with office(org_id), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [WARN_LOCK])  # several web processes look
        free = cursor.fetchone()
        since = now - WARN_AGAIN
        if free != (True,) or Delivery.objects.filter(org_id=org_id, what="alarm", at__gt=since, at__lte=now).exists():
            return 0
        for reached in recipients.admins(org_id):
            if not mail and all(way.kind == "email" for way in reached.ways.usable):
                continue
            try:
                with transaction.atomic():  # a line that cannot be written keeps nobody else from hearing of it
                    dispatch.hand_over(reached, "alarm", now.date(), step=f" {now.hour}", mail=mail)
                sent += 1
            except DatabaseError as exc:
                _unwritten[org_id] = now
                sent += 1
                log.warning("an alarm went out and no line of it was written: %s", type(exc).__name__)
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("admin %s could not be warned: %s", reached.member_id, type(exc).__name__)
    return sent


def tell_missing() -> int:
    """Mail the admins of each office in which reminders were found missing since they last heard of it."""
    sent = 0
    for org_id in checks.to_be_told():
        now = clock.now()
        with transaction.atomic():
            admins = recipients.admins(org_id)
        told = 0
        for reached in admins:
            try:
                dispatch.hand_over(reached, "alarm", now.date(), step=f" missing {now.hour}")
                told += 1
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("admin %s could not be told: %s", reached.member_id, type(exc).__name__)
        if told or not admins:
            checks.told(org_id)
        sent += told
    return sent
