"""Handling of bounced mail, so that a member whose mailbox is dead is still reminded although a mail server accepted.

A server's 250 only means that it will try. What it cannot deliver returns minutes or days later, as a notification
(`bounce_report`) in the mailbox of MAIL_FROM (`imap`). Then the address counts as refused and the message is owed
again: the next round (`sending.rounds`) notifies the member by the next address, or notifies colleagues that no address
worked.

A notification counts once, also when a crash makes this program read it again: the line of the message moves in the
log to an id derived from this very notification. Each mail is read in two runs, because it may arrive before the
message is marked as sent.
"""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.reminders import address_states, choices, heartbeat, queries, recipients
from caseapp.reminders.bounces import bounce_report, imap
from caseapp.reminders.bounces.bounce_report import BounceReport, NotABounceReport
from caseapp.reminders.bounces.imap import Mailbox
from caseapp.reminders.bounces.queries import mark_unsent, search_from
from caseapp.reminders.choices import LOOK_BACK
from caseapp.reminders.models import Delivery, Heartbeat, ReadMailbox
from caseapp.reminders.planning import checks
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import refusals
from caseapp.reminders.sending.mail_faults import MailAnswer
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

AT_ONCE = 500  # mails read for the first time in one run
TIME_LIMIT_SECONDS = 200.0  # seconds after which the rest waits for the next run
SEARCH_BACK = timedelta(days=31)  # how far back mail is read: the log keeps lines for 30 days
SAME_MORNING = timedelta(hours=12)  # self-tests go out at 7:00 in each admin's own zone
ADMIN_KINDS = {"self-test", "alarm", "unreached"}  # if one of these bounces, a fault may go unnoticed
EVERYBODY = 3  # members from whom everything was returned with one answer: fewer may well be dead mailboxes
log = logging.getLogger("caseapp.reminders")


def process_mailbox() -> int:
    """Process mail that arrived since the last run; return how many messages bounced. 0 if no mailbox is configured."""
    if not settings.BOUNCES:
        return 0
    try:
        with imap.open_mailbox() as box:
            count = _process_messages(box)
    except imap.IMAP_ERRORS as exc:
        log.warning("bounces.mailbox_unreadable %s", exc)
        return 0
    heartbeat.beat("bounces")
    return count


def _process_messages(box: Mailbox) -> int:
    mailbox = _mailbox_id(box)
    row = ReadMailbox.objects.filter(id=1).first()
    began, ended = (row.began, row.ended) if row and row.place == mailbox else (1, 1)
    numbers = box.list_uids(first=began, since=clock.now() - SEARCH_BACK)
    again = [number for number in numbers if number < ended]
    new = [number for number in numbers if number >= ended][:AT_ONCE]
    give_up = time.monotonic() + TIME_LIMIT_SECONDS
    count, next_number = 0, began
    for number in again + new:
        if time.monotonic() > give_up:
            break
        count += _process_message(box, number)
        next_number = number + 1
    done = {"place": mailbox, "began": min(ended, next_number), "ended": max(ended, next_number)}
    ReadMailbox.objects.update_or_create(id=1, defaults=done)
    return count


def _mailbox_id(box: Mailbox) -> str:
    where = "\n".join(str(settings.BOUNCES[name]) for name in ("host", "port", "user", "folder"))
    return primitives.mac(server_keys.operational_key(), LABELS["mailbox"], where.encode(), box.uid_validity).hex()


def _process_message(box: Mailbox, number: int) -> bool:
    """Return whether this mail reported a new bounce.

    A mail about one of our messages is deleted, all others are left.
    """
    headers = box.fetch_headers(number)
    if headers is None or not bounce_report.may_be_report(headers):
        return False
    content = box.fetch_message(number) or b""
    try:
        is_new = apply_bounce(bounce_report.parse_report(content), primitives.digest(content))
    except (NotABounceReport, NotFound):
        return False
    except OpenFailed as exc:
        log.error("bounces.not_handled %s", exc)
        return False
    box.delete(number)
    return is_new


@transaction.atomic
def apply_bounce(notice: BounceReport, trace: bytes) -> bool:
    """Apply a notification about one of our messages; return whether it changed anything. Runs in the clock's role.

    trace   digest of the notification: the same one changes nothing the second time
    Raises  NotFound if no such message went out, OpenFailed
    """
    kept_as = _bounced_log_id(notice.message_id, trace)
    line = Delivery.objects.select_for_update().filter(message_id=notice.message_id).first()
    is_done = Delivery.objects.filter(message_id=kept_as).exists()
    if line is None and not is_done:
        raise NotFound("message")
    if line is None or is_done or notice.answer is None or (line.by, line.state) != ("email", "sent"):
        return False
    key = server_keys.operational_key()
    member = operational.open_log_recipient(key, line.org_id, line.message_id, bytes(line.sealed))
    log.warning("bounces.returned")
    sealed = operational.seal_log_recipient(key, line.org_id, kept_as, member)
    queries.write_line((kept_as, line.org_id, sealed, line.what, line.by, "bounced", line.at))
    Delivery.objects.filter(message_id=line.message_id).delete()
    state = _state_after(line, member, notice.answer)
    address_states.record_bounce(
        line.org_id, member, handed_over_at=line.at, on=clock.now().date(), state=state, answer=notice.answer.code
    )
    if line.what == "reminder":
        _reopen_days(line, member)
    if line.what in ADMIN_KINDS:
        checks.record_missing(line.org_id, 1)  # shown on Today and sent to the admins by any working address
    if line.what == "self-test":
        _expire_self_test(line)
    return True


def _state_after(line: Delivery, member: UUID, answer: MailAnswer) -> str:
    """Return the state of the address: `refused` only if it alone is at fault.

    The same answer for each of the last day's messages is the server's fault, and the addresses that had it before are
    tried again, too. The admins are notified.
    """
    state = refusals.STATE_OF_FAULT[answer.fault]
    alike = [
        person
        for person in address_states.refused_alike(line.org_id, answer.code, after=line.at - timedelta(days=1))
        if person.member_id != member and person.settings.came_back
    ]
    if len(alike) + 1 < EVERYBODY or _has_arrived(line, {member, *(person.member_id for person in alike)}):
        return state
    for person in alike:
        address_states.forget_refusal(person, state="held")
    checks.record_missing(line.org_id, 1)
    return "held"


def _has_arrived(line: Delivery, returned_from: Collection[UUID]) -> bool:
    """Return whether a message of the last day to another member was not returned."""
    key = server_keys.operational_key()
    sent = Delivery.objects.filter(
        org_id=line.org_id, by="email", state="sent", at__gt=line.at - timedelta(days=1)
    ).exclude(message_id=line.message_id)
    return any(
        operational.open_log_recipient(key, other.org_id, other.message_id, bytes(other.sealed)) not in returned_from
        for other in sent
    )


def _bounced_log_id(mid: str, trace: bytes) -> str:
    tag = primitives.mac(server_keys.operational_key(), LABELS["bounce line"], mid.encode(), trace)
    return f"<{tag[:20].hex()}@{queries.MAIL_DOMAIN}>"


def _reopen_days(line: Delivery, member: UUID) -> None:
    """Mark the days that this message settled as unsent again.

    They are found even if the search has already advanced past them.
    """
    people = {person.member_id: person.recipient for person in queries.members_of_offices([line.org_id])}
    day = _day_of_message(line, member)
    whose = [member, *_members_stood_in_for(people, member, day)]
    back = [day - timedelta(days=n) for n in range(LOOK_BACK.days + 1)]
    _mark_days_unsent(
        line.org_id, [queries.day_lookup(line.org_id, who, past_day) for who in whose for past_day in back], day
    )
    search_from(line.org_id, whose, day)


def _day_of_message(line: Delivery, member: UUID) -> date:
    """Return the member's day that the message was for, which its id reveals to a holder of the key."""
    about = line.at.date()
    recipient = Recipient(line.org_id, member, recipients.RecipientSettings(address=""))
    for day in (about, about - timedelta(days=1), about + timedelta(days=1)):
        if line.message_id in {queries.message_id(recipient, day, what) for what in ("reminder", "urgent")}:
            return day
    return about


def _members_stood_in_for(people: dict[UUID, Recipient], member: UUID, day: date) -> list[UUID]:
    away = [who for who, other in people.items() if who != member and other.settings.is_away(day)]
    return [who for who in away if recipients.receiver_for(people, who, day) == member]


def _mark_days_unsent(org_id: UUID, places: Sequence[bytes], day: date) -> None:
    for _ in range(queries.MERGE_RETRIES):
        # More than once: a merge that this waits for reinserts rows that a statement started before does not see.
        mark_unsent(org_id, places, day)


def _expire_self_test(line: Delivery) -> None:
    """Backdate the self-test heartbeat if no self-test of that morning was delivered, since mail then does not work.

    So the status is late at once, and not a day later.
    """
    stands = Delivery.objects.filter(what="self-test", state="sent", at__gt=line.at - SAME_MORNING).exists()
    if not stands:
        long_ago = line.at - choices.SELF_TEST_LATE - SAME_MORNING
        Heartbeat.objects.filter(name="self-test").update(at=long_ago)
