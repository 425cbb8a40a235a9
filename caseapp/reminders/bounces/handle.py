"""Mail that comes back: nobody whose mailbox is dead may go unreminded because a mail server said yes.

A server's 250 only says that it will try. What it cannot deliver comes back minutes or days later, as a notification
(`notices`) to the mailbox of MAIL_FROM (`mailbox`). Then the address takes nothing any more and the message is owed
again: the next round of `delivery` tells the member by the next address, or tells others that nobody could.

A notification counts once, also when a crash makes us read it again: the line of the message moves in the log to an id
made from this very notification. Each mail is looked at in two runs, because it may be faster than our own mark.
"""

import logging
import time
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.reminders import choices, heartbeat, queries, recipients
from caseapp.reminders.bounces import bounce_report, imap
from caseapp.reminders.bounces.bounce_report import NotANotice, Notice
from caseapp.reminders.bounces.imap import Mailbox
from caseapp.reminders.choices import LOOK_BACK
from caseapp.reminders.models import Delivery, Heartbeat, ReadMailbox
from caseapp.reminders.planning import checks
from caseapp.reminders.recipients import Reached
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed

AT_ONCE = 500  # mails looked at for the first time in one run
PATIENCE = 200.0  # seconds after which the rest waits for the next run
KEPT = timedelta(days=31)  # how far back: the log forgets after 30 days
SAME_MORNING = timedelta(hours=12)  # self-tests go out at seven o'clock of each admin's own zone
FOR_ADMINS = {"self-test", "alarm", "unreached"}  # without these nobody hears that something is wrong
log = logging.getLogger("caseapp.reminders")


def read() -> int:
    """Look through what arrived since the last run; answers how many messages came back. 0 where none is set up."""
    if not settings.BOUNCES:
        return 0
    try:
        with imap.opened() as box:
            count = _go_through(box)
    except imap.FAILURES as exc:
        log.warning("the mailbox of what comes back could not be read: %s", type(exc).__name__)
        return 0
    heartbeat.beat("bounces")
    return count


def _go_through(box: Mailbox) -> int:
    place = _place_of(box)
    row = ReadMailbox.objects.filter(id=1).first()
    began, ended = (row.began, row.ended) if row and row.place == place else (1, 1)
    numbers = box.numbers(first=began, since=clock.now() - KEPT)
    again = [number for number in numbers if number < ended]
    new = [number for number in numbers if number >= ended][:AT_ONCE]
    give_up = time.monotonic() + PATIENCE
    count, reached = 0, began
    for number in again + new:
        if time.monotonic() > give_up:
            break
        count += _look_at(box, number)
        reached = number + 1
    done = {"place": place, "began": min(ended, reached), "ended": max(ended, reached)}
    ReadMailbox.objects.update_or_create(id=1, defaults=done)
    return count


def _place_of(box: Mailbox) -> str:
    where = "\n".join(str(settings.BOUNCES[name]) for name in ("host", "port", "user", "folder"))
    return primitives.mac(server_keys.operational_key(), b"mailbox", where.encode(), box.validity).hex()


def _look_at(box: Mailbox, number: int) -> bool:
    """Whether this mail said that a message came back. What is about a message of ours is removed, the rest left."""
    headers = box.headers(number)
    if headers is None or not bounce_report.may_be_one(headers):
        return False
    content = box.content(number) or b""
    try:
        is_new = take_back(bounce_report.read(content), primitives.digest(content))
    except (NotANotice, NotFound):
        return False
    except OpenFailed as exc:
        log.error("a message that came back could not be taken back: %s", type(exc).__name__)
        return False
    box.delete(number)
    return is_new


@transaction.atomic
def take_back(notice: Notice, trace: bytes) -> bool:
    """What a notification about a message of ours changes; False for nothing. As the clock's role.

    trace   digest of the notification: the same one changes nothing the second time
    Raises  NotFound if no such message went out, OpenFailed
    """
    kept_as = _kept_as(notice.message_id, trace)
    line = Delivery.objects.select_for_update().filter(message_id=notice.message_id).first()
    is_done = Delivery.objects.filter(message_id=kept_as).exists()
    if line is None and not is_done:
        raise NotFound("message")
    if line is None or is_done or not notice.is_for_good or (line.by, line.state) != ("email", "sent"):
        return False
    key = server_keys.operational_key()
    member = operational.open_logged(key, line.org_id, line.message_id, bytes(line.sealed))
    log.warning("a message to member %s came back", member)
    sealed = operational.seal_logged(key, line.org_id, kept_as, member)
    queries.write_line((kept_as, line.org_id, sealed, line.what, line.by, "bounced", line.at))
    Delivery.objects.filter(message_id=line.message_id).delete()
    recipients.note_came_back(line.org_id, member, handed_over_at=line.at, on=clock.now().date())
    if line.what == "reminder":
        _owe_again(line, member)
    if line.what in FOR_ADMINS:
        checks.note_missing(line.org_id, 1)  # Today says so, and the admins hear by whatever reaches them
    if line.what == "self-test":
        _doubt(line)
    return True


def _kept_as(mid: str, trace: bytes) -> str:
    tag = primitives.mac(server_keys.operational_key(), b"came back", mid.encode(), trace)
    return f"<{tag[:20].hex()}@{queries.MAIL_DOMAIN}>"


def _owe_again(line: Delivery, member: UUID) -> None:
    """The days that this message settled wait again, and are found even if the look back has gone past them."""
    people = {person.member_id: person.reached for person in queries.people([line.org_id])}
    day = _day_of(line, member)
    whose = [member, *_stood_in_for(people, member, day)]
    back = [day - timedelta(days=n) for n in range(LOOK_BACK.days + 1)]
    _unsend(line.org_id, [queries.lookup(line.org_id, who, one) for who in whose for one in back], day)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET checked_on = LEAST(checked_on, %s) WHERE org_id = %s AND member_id = ANY(%s)",
            [day, line.org_id, whose],
        )


def _day_of(line: Delivery, member: UUID) -> date:
    """Which of the member's days the message was for: its id says so to whoever has the key."""
    about = line.at.date()
    reached = Reached(line.org_id, member, recipients.Ways(address=""))
    for day in (about, about - timedelta(days=1), about + timedelta(days=1)):
        if line.message_id in {queries.message_id(reached, day, what) for what in ("reminder", "urgent")}:
            return day
    return about


def _stood_in_for(people: dict[UUID, Reached], member: UUID, day: date) -> list[UUID]:
    away = [who for who, one in people.items() if who != member and one.ways.is_away(day)]
    return [who for who in away if recipients.heir(people, who, day) == member]


def _unsend(org_id: UUID, places: Sequence[bytes], day: date) -> None:
    with connection.cursor() as cursor:
        for _ in range(queries.MERGES):
            # More than once: a merge that we wait for puts rows in anew, which a statement begun before does not see.
            cursor.execute(
                "UPDATE reminders_fire f SET sent_on = NULL FROM (SELECT id FROM reminders_fire WHERE org_id = %s"
                " AND lookup = ANY(%s) AND sent_on = %s ORDER BY lookup FOR UPDATE) d"
                " WHERE f.org_id = %s AND f.id = d.id",
                [org_id, list(places), day, org_id],
            )


def _doubt(line: Delivery) -> None:
    """Where no self-test of that morning stands, the way by mail does not work: at once, and not a day later."""
    stands = Delivery.objects.filter(what="self-test", state="sent", at__gt=line.at - SAME_MORNING).exists()
    if not stands:
        long_ago = line.at - choices.SELF_TEST_LATE - SAME_MORNING
        Heartbeat.objects.filter(name="self-test").update(at=long_ago)
