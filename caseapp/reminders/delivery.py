"""Sending: one message a member and day, whatever it stands for. At least once; a repeat carries the same Message-ID.

A member's row is claimed with SKIP LOCKED and held until the mail server took the message, so two workers never send
the same. A process that dies after the server's 250 and before the commit sends once more, under the same Message-ID.
"""

import logging
import random
import smtplib
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, connection, transaction

from caseapp.lib import clock
from caseapp.lib.errors import CaseappError
from caseapp.reminders import channels, heartbeat
from caseapp.reminders.channels import Reached
from caseapp.reminders.messages import message
from caseapp.reminders.models import Channel, Delivery, Fire
from caseapp.reminders.outbox import lookup
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed

WHOSE = ("org_id", "member_id")
MORNING = 7  # the hour of the member's own zone from which a day's message goes out
LOOK_BACK = timedelta(days=14)  # a plan merged late may be for a day already seen to
LONGEST_WAIT = timedelta(minutes=60)
PATIENCE = 5  # seconds a second turn waits for a member's row that another process holds
ENOUGH = 3  # failures of the mail server in a round, after which the rest of the round waits
OTHER_DAYS = 77  # of 256: about 30 % of working days without items get a message too, at level normal
MAIL_DOMAIN = "list.invalid"
log = logging.getLogger("caseapp.reminders")
_jitter = random.SystemRandom()


class ServerAway(CaseappError):
    """The mail server takes nothing now; what was to be sent waits in its rows."""


class _Held(Exception):
    """Another process has this member's row."""


class Sent(NamedTuple):
    """One line of the delivery log: when, to whom, reminder or self-test or alarm, and what became of it."""

    at: datetime
    member_id: UUID
    what: str
    state: str


def send_due() -> int:
    """See to every member whose morning has come; answers how many messages went out.

    Ends early when the mail server is away, so that no worker spends its minutes waiting: the rows wait instead.
    """
    heartbeat.beat("claim")
    now = clock.now()
    sent = away = 0
    # Who is held by another process just now comes again at the end: the self-test, rung in the same second, may be all
    # that held the row, and would else make somebody wait for the next round, and the next.
    turns = [(*whose, False) for whose in Channel.objects.order_by("try_after", "member_id").values_list(*WHOSE)]
    for org_id, member_id, again in turns:  # grows while it is gone through
        try:
            sent += _see_to(org_id, member_id, now, patient=again)
        except _Held:
            if not again:
                turns.append((org_id, member_id, True))
        except ServerAway:
            away += 1
            if away == ENOUGH:
                break
        except (OpenFailed, LookupError, ValueError) as exc:
            # One member's damaged row or impossible address keeps nobody else from being reminded.
            log.error("member %s cannot be reminded: %s", member_id, type(exc).__name__)
    return sent


def _see_to(org_id: UUID, member_id: UUID, now: datetime, *, patient: bool = False) -> int:
    """One member's turn; 1 if a message went out. Raises _Held, ServerAway, OpenFailed, LookupError, ValueError.

    patient  wait a little for whoever holds the member's row
    """
    with transaction.atomic():
        row = _claim(org_id, member_id, patient=patient)
        if row is None or _rests(row, now):
            return 0
        reached = channels.opened(row)
        local = now.astimezone(ZoneInfo(reached.ways.zone))
        if local.hour < MORNING:
            return 0
        today = local.date()
        waiting = _waiting(reached, min(row.checked_on or today, today) - LOOK_BACK, today)
        what = _what(reached, today, [fire for _, fire in waiting])
        failed = _send(row, reached, what, today, now) if what else None
        if failed is None:
            _mark(row, [fire_id for fire_id, _ in waiting] if what else [], today)
    if failed is not None and _is_away(failed):
        raise ServerAway
    return int(bool(what) and failed is None)


def _claim(org_id: UUID, member_id: UUID, *, patient: bool) -> Channel | None:
    """The member's row, held until the transaction ends; None when it is gone. Raises _Held."""
    found = Channel.objects.filter(org_id=org_id, member_id=member_id)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE if patient else 0}s'")
            row = found.select_for_update(nowait=not patient).first()
            cursor.execute("SET LOCAL lock_timeout = 0")
            return row
    except OperationalError as exc:
        if getattr(exc.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        raise _Held from exc


def _rests(row: Channel, now: datetime) -> bool:
    # A wait far ahead was set while the clock was wrong.
    return row.try_after is not None and now < row.try_after < now + LONGEST_WAIT * 2


def _mark(row: Channel, fires: list[UUID], today: date) -> None:
    Fire.objects.filter(org_id=row.org_id, id__in=fires).update(sent_on=today)
    if row.checked_on != today or row.tries:
        Channel.objects.filter(org_id=row.org_id, member_id=row.member_id).update(
            checked_on=today, tries=0, try_after=None
        )


def _waiting(reached: Reached, first: date, last: date) -> list[tuple[UUID, operational.Fire]]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    places = [lookup(reached.org_id, reached.member_id, day) for day in days]
    with connection.cursor() as cursor:
        # Sent "later than today" was sent while the clock stood wrong: it is sent again.
        cursor.execute(
            "SELECT id, sealed FROM reminders_fire WHERE lookup = ANY(%s) AND (sent_on IS NULL OR sent_on > %s)"
            " ORDER BY lookup FOR UPDATE",
            [places, last],
        )
        rows = cursor.fetchall()
    return [(row_id, _opened(reached, row_id, bytes(sealed))) for row_id, sealed in rows]


def _opened(reached: Reached, row_id: UUID, sealed: bytes) -> operational.Fire:
    try:
        return operational.open_fire(server_keys.operational_key(), reached.org_id, row_id, sealed)
    except OpenFailed as exc:
        # Whatever it said, the day is one to be reminded of: the text is the same.
        log.error("fire row %s does not open: %s", row_id, type(exc).__name__)
        return operational.Fire(reached.member_id, 0, urgent=True)


def _what(reached: Reached, today: date, fires: list[operational.Fire]) -> str:
    """reminder, urgent, or nothing: one message a day, and a second only for something urgent that came after it.

    What else comes after the day's message stays unsent and is said the next morning.
    """
    if not is_logged(reached, today, "reminder"):
        return "reminder" if fires or _other_day(reached, today) else ""
    if any(fire.urgent for fire in fires) and not is_logged(reached, today, "urgent"):
        return "urgent"
    return ""


def is_logged(reached: Reached, day: date, what: str) -> bool:
    """Whether this message went out. A line from later than now was written while the clock stood wrong."""
    soon = clock.now() + timedelta(hours=1)
    return Delivery.objects.filter(message_id=message_id(reached, day, what), at__lte=soon).exists()


def _other_day(reached: Reached, today: date) -> bool:
    """Days without items that get a message, so that the rest tell less. Chosen by key: stable, not to be foreseen."""
    if today.weekday() >= 5:
        return False
    if reached.ways.level == "constant":
        return True
    number = today.toordinal().to_bytes(4, "big")
    drawn = primitives.mac(server_keys.operational_key(), b"other day", reached.member_id.bytes, number)
    return drawn[0] < OTHER_DAYS


def message_id(reached: Reached, day: date, what: str) -> str:
    """The same for the same member, day and kind, so that a repeat is seen as one; tells nothing without the key."""
    number = day.toordinal().to_bytes(4, "big")
    tag = primitives.mac(
        server_keys.operational_key(), b"message", reached.org_id.bytes, reached.member_id.bytes, number, what.encode()
    )
    return f"<{tag[:20].hex()}@{MAIL_DOMAIN}>"


def _send(row: Channel, reached: Reached, what: str, today: date, now: datetime) -> Exception | None:
    """None if the mail server took the message; else what it said, and the row waits for its next try."""
    try:
        hand_over(reached, what, today)
    except (smtplib.SMTPException, OSError) as exc:
        # Waits 1, 2, 4 ... at most 60 minutes, each somewhat more or less, so that a thousand do not come back at once.
        wait = LONGEST_WAIT if row.tries > 6 else min(timedelta(minutes=2**row.tries), LONGEST_WAIT)
        Channel.objects.filter(org_id=row.org_id, member_id=row.member_id).update(
            tries=min(row.tries + 1, 1000), try_after=now + wait * _jitter.uniform(0.75, 1.25)
        )
        log.warning("mail server did not take a message: %s, try %d", type(exc).__name__, row.tries + 1)
        return exc
    return None


def _is_away(exc: Exception) -> bool:
    """Whether the failure is the server's (nobody gets mail now) and not this address's."""
    return not isinstance(exc, (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError, UnicodeError))


def hand_over(reached: Reached, what: str, today: date, *, step: str = "") -> None:
    """One message to the mail server, then its line in the log. Raises SMTPException, OSError.

    step  tells several of a kind and day apart in the Message-ID
    """
    text = message(what, reached.ways.language)
    mid = message_id(reached, today, what + step)
    headers = {"Message-ID": mid, "Auto-Submitted": "auto-generated"}
    EmailMessage(text.subject, text.body, settings.MAIL_FROM, [reached.ways.address], headers=headers).send()
    record(reached, what, mid)


def record(reached: Reached, what: str, mid: str) -> None:
    """The line in the log: names nobody in clear, and an urgent message looks like any."""
    member = operational.seal_logged(server_keys.operational_key(), reached.org_id, mid, reached.member_id)
    at = clock.now().replace(second=0, microsecond=0)
    Delivery.objects.update_or_create(
        message_id=mid,
        defaults={
            "org_id": reached.org_id,
            "sealed": member,
            "what": "reminder" if what == "urgent" else what,
            "state": "sent",
            "at": at,
        },
    )


def log_of(org_id: UUID, *, newest: int = 100) -> list[Sent]:
    """What went out, newest first, in the caller's transaction of that office, without lines that do not open."""
    lines = []
    for line in Delivery.objects.filter(org_id=org_id).order_by("-at")[:newest]:
        with suppress(OpenFailed):
            key = server_keys.operational_key()
            member = operational.open_logged(key, org_id, line.message_id, bytes(line.sealed))
            lines.append(Sent(line.at, member, line.what, line.state))
    return lines
