"""Health of reminders, self-tests and alarms: reminders that stop unnoticed are the worst failure of this program.

The web process checks every five minutes without the queue (`health_thread`), and mails the admins itself when beat,
worker or the last claim is 30 minutes late.
"""

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction

from caseapp.accounts.models import Door
from caseapp.lib import clock
from caseapp.reminders import address_states, heartbeat, recipients
from caseapp.reminders.choices import MAIL_UNAVAILABLE, MORNING_HOUR, SELF_TEST_LATE
from caseapp.reminders.models import Census, Channel, Delivery, Heartbeat, OutboxState
from caseapp.reminders.monitoring import queries
from caseapp.reminders.planning import checks
from caseapp.reminders.sending import dispatch, refusals
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

LATE = timedelta(minutes=30)
MERGE_LATE = timedelta(minutes=15)
MAIL_LATE = timedelta(hours=1)
BOUNCES_LATE = timedelta(hours=1)
WARN_AGAIN = timedelta(hours=6)
PARTS = ("beat", "worker", "claim")
WATCHED = (*PARTS, "merge", "plans", "mail", "self-test", "bounces")  # names that `ReminderStatus.late` can contain
log = logging.getLogger("caseapp.reminders")
_started = clock.now()
_unwritten: dict[UUID, datetime] = {}  # office -> when its admins were warned but the database accepted no log line


@dataclass(frozen=True)
class ReminderStatus:
    """Health of reminders. `late`: the names in WATCHED that are late or not as they should be."""

    late: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        """Return whether reminders can be relied on."""
        return not self.late


def current(now: datetime | None = None) -> ReminderStatus:
    """Return what is late now. A part without a heartbeat counts from the start of this process.

    plans    some plan does not open (`outbox.merge`): a reminder in it is not in the fire rows
    mail     the mail server accepted nothing for an hour, and some message waits for it
    bounces  the mailbox for bounces is configured and could not be read (`bounces.handle`)
    """
    now = now or clock.now()
    seen = heartbeat.last_seen()
    # A heartbeat of the future is of a clock that was set back since: it proves nothing.
    late = [part for part in PARTS if abs(now - seen.get(part, _started)) > LATE]
    outbox_row = OutboxState.objects.filter(id=1).first()
    merged_at = (outbox_row.merged_at if outbox_row else None) or _started
    if now - merged_at > MERGE_LATE:
        late.append("merge")
    if outbox_row and outbox_row.unread:
        late.append("plans")
    if now - seen.get(MAIL_UNAVAILABLE, now) > MAIL_LATE:
        late.append("mail")
    if now - seen.get("self-test", _started) > SELF_TEST_LATE:
        late.append("self-test")
    if settings.BOUNCES and now - seen.get("bounces", _started) > BOUNCES_LATE:
        late.append("bounces")
    return ReminderStatus(tuple(late))


def is_unreliable(org_id: UUID) -> bool:
    """Return whether members of the office should check for themselves.

    So it is when a part is late, or reminders were found missing in the last 24 hours.
    """
    return not current().is_healthy or checks.count_missing_since(clock.now() - timedelta(days=1), org_id) > 0


def begin_anew() -> None:
    """Forget signs of life and counts of a lost machine, as the owner: each part counts from its start on this one.

    Otherwise a restore at night raises an alarm about reminders that go out in the morning.
    """
    Heartbeat.objects.filter(name__in=(*WATCHED, MAIL_UNAVAILABLE)).delete()
    OutboxState.objects.filter(id=1).update(unread=0, merged_at=None)  # plans are in no backup
    for org_id in Door.objects.values_list("org_id", flat=True).distinct():
        with office_transaction(org_id):
            anew = {"sealed": b"", "counted_at": clock.now()}
            Census.objects.update_or_create(org_id=org_id, defaults=anew)


def send_self_tests() -> int:
    """Send each admin a message through the real mail server, once a day; return how many went out."""
    sent = 0
    for org_id, member_id in Channel.objects.values_list("org_id", "member_id"):
        try:
            sent += _send_self_test(org_id, member_id)
        except (OpenFailed, LookupError, ValueError, smtplib.SMTPException, OSError) as exc:
            log.warning("selftest.not_sent %s", exc)
    if sent:
        heartbeat.beat("self-test")
        heartbeat.beat(refusals.MAIL_TAKEN)
    return sent


def _send_self_test(org_id: UUID, member_id: UUID) -> int:
    """Send the self-test by e-mail alone, since the mail path is tested. A concurrent process sends no second one.

    An address that bounced as unknown gets none until it is replaced or tested, one that bounced for another reason
    none on that day. One that was refused and accepts the self-test works again.
    """
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    if row is None:
        return 0
    recipient = recipients.open_recipient(row)
    local = recipient.local_time(clock.now())
    mail = next((target for target in recipient.settings.addresses if target.kind == "email"), None)
    if not recipient.settings.admin or mail is None or local.hour < MORNING_HOUR:
        return 0
    if mail.is_resting or (mail.came_back and mail.is_refused):
        return 0
    is_sent = dispatch.send_once(recipient, "self-test", local.date(), target=mail)
    if is_sent and mail.state in address_states.FAILED_STATES:
        with transaction.atomic():
            address_states.record_address_state(recipient, mail, "works", local.date())
    return int(is_sent)


def warn_admins() -> int:
    """Mail every office's admins, directly and at most once in six hours, when something is late."""
    if current().is_healthy:
        return 0
    return sum(_warn_office(org_id) for org_id in Door.objects.values_list("org_id", flat=True).distinct())


def warn_of_mail_outage() -> int:
    """Warn admins from the worker while the mail server is down, each by another address than e-mail."""
    if "mail" not in current().late:
        return 0
    # Not by mail: a worker that waits for the mail server once for every admin would warn none of them.
    return sum(
        _warn_office(org_id, try_mail=False) for org_id in Channel.objects.values_list("org_id", flat=True).distinct()
    )


def _warn_office(org_id: UUID, *, try_mail: bool = True) -> int:
    now, sent = clock.now(), 0
    if (told_at := _unwritten.get(org_id)) and now - WARN_AGAIN < told_at <= now:
        return 0
    since = now - WARN_AGAIN
    with office_transaction(org_id):
        warned = Delivery.objects.filter(org_id=org_id, what="alarm", at__gt=since, at__lte=now)
        if not queries.try_warn_lock() or warned.exists():
            return 0
        for recipient in recipients.admins(org_id):
            if not try_mail and all(target.kind == "email" for target in recipient.settings.usable_addresses):
                continue
            try:
                with transaction.atomic():  # a line that cannot be written must not stop the other warnings
                    dispatch.send_and_log(recipient, "alarm", now.date(), step=f" {now.hour}", try_mail=try_mail)
                sent += 1
            except DatabaseError as exc:
                _unwritten[org_id] = now
                sent += 1
                log.warning("alarm.line_not_written %s", exc)
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("alarm.warning_not_sent %s", exc)
    return sent


def warn_of_missing() -> int:
    """Mail the admins of each office with reminders found missing since their last such message."""
    sent = 0
    for org_id in checks.offices_to_notify():
        now = clock.now()
        with transaction.atomic():
            admins = recipients.admins(org_id)
        notified = 0
        for recipient in admins:
            try:
                dispatch.send_and_log(recipient, "alarm", now.date(), step=f" missing {now.hour}")
                notified += 1
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("alarm.not_sent %s", exc)
        if notified or not admins:
            checks.mark_notified(org_id)
        sent += notified
    return sent
