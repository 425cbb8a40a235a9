"""Sending of reminders: one message a member and day, delivered at least once; a repeat has the same Message-ID.

A round checks all members, claims those with something to receive (`queries.claim_members`), makes sure that no other
process notified them meanwhile, and sends to them, marking each message as it goes out. A process that crashes between
the server's 250 and its mark sends once more, under the same Message-ID; its other claims expire after
`queries.LEASE_SECONDS` seconds.
"""

import logging
import random
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from caseapp.lib import clock
from caseapp.reminders import heartbeat, queries, recipients
from caseapp.reminders.choices import (
    FIRST_WAIT,
    LOOK_BACK,
    MAIL_UNAVAILABLE,
    MAX_DIGEST_WAIT,
    MORNING_HOUR,
    NEXT_ADDRESS_AFTER,
    OTHER_ADDRESSES_AFTER,
)
from caseapp.reminders.queries import PendingDays, ReminderMember, message_id
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import follow_up, refusals, smtp, waiting_mail
from caseapp.reminders.sending.dispatch import DELIVERY_ERRORS, deliver_message, log_line
from caseapp.reminders.sending.follow_up import DAY_MESSAGE_KINDS
from caseapp.reminders.sending.smtp import MailConnection
from caseapp.vault.core.labels import LABELS

LONGEST_WAIT = timedelta(minutes=60)
BATCH_SIZE = 64  # members claimed at once
HELD_RETRY_SECONDS = 5.0  # seconds at the end of a round to retry members claimed by another process
BEAT_SECONDS = 60.0  # seconds
OWED_FOR = timedelta(days=3)
MAIL_FAILURE_LIMIT = 3  # failures of the mail server after which the rest of a round waits
ESCALATE_AFTER = 6  # failures after which supervisors or admins are notified: about an hour
log = logging.getLogger("caseapp.reminders")
_jitter = random.SystemRandom()


@dataclass
class _DueMessage:
    """A message to send now. `fires`: the rows that it settles; `sources`: the members whose rows they are."""

    person: ReminderMember
    what: str
    mid: str
    today: date
    fires: list[UUID]
    sources: list[UUID]


@dataclass
class _Round:
    """One pass over all members. `sent` counts messages.

    is_mail_down  the mail server has been down for a while: members with another address are sent to that one
    held          members whom another process had claimed
    unreached     messages that no address accepted, with the error and the number of tries
    settled       of this batch: members whose days were settled, and the day up to which they were
    """

    now: datetime
    mailer: MailConnection
    is_mail_down: bool = False
    holder: UUID = field(default_factory=uuid4)
    last_beat: float = field(default_factory=time.monotonic)
    sent: int = 0
    held: list[ReminderMember] = field(default_factory=list)
    unreached: list[tuple[_DueMessage, Exception, int]] = field(default_factory=list)
    settled: list[tuple[tuple[UUID, UUID], date]] = field(default_factory=list)

    @property
    def is_mail_usable(self) -> bool:
        """Return whether mail is still tried: no worker waits for a server that is down, the rows wait instead."""
        return self.mailer.away < MAIL_FAILURE_LIMIT

    @property
    def is_over(self) -> bool:
        """Return whether the rest of the round waits: right after an outage begins, the server may soon be back."""
        return not self.is_mail_usable and not self.is_mail_down


def send_due(mailer: MailConnection | None = None) -> int:
    """Send to every member whose morning has begun; return how many messages went out."""
    with mailer or MailConnection() as connection:
        now, since = clock.now(), heartbeat.last_seen().get(MAIL_UNAVAILABLE)
        sending_round = _Round(now, connection, is_mail_down=since is not None and now - since >= OTHER_ADDRESSES_AFTER)
        offices = list(queries.office_batches())
        _jitter.shuffle(offices)  # two workers neither run in step nor catch up with each other
        for orgs in offices:
            if sending_round.is_over:
                break
            _process_members(sending_round, queries.members_of_offices(orgs))
        _retry_held(sending_round)
        _settle_unreached(sending_round)
        _send_owed(sending_round)
        _settle_unreached(sending_round)
        if sending_round.is_mail_usable:
            waiting_mail.send_waiting(connection)
        if connection.taken:
            heartbeat.end_condition(MAIL_UNAVAILABLE)
            heartbeat.beat(refusals.MAIL_TAKEN)
        elif connection.away or connection.is_delaying_all:
            heartbeat.begin_condition(MAIL_UNAVAILABLE)
    heartbeat.beat("claim")  # at the end: a round that always fails in the middle must not count as alive
    return sending_round.sent


def _process_members(sending_round: _Round, people: Sequence[ReminderMember]) -> None:
    due, settled = _find_due(people, people, sending_round.now)
    queries.mark_checked(settled)
    _jitter.shuffle(due)
    due.sort(key=lambda delivery: delivery.person.try_after is not None)  # members with failed tries last
    _send_batches(sending_round, due)


def _retry_held(sending_round: _Round) -> None:
    """Retry members whom another process had claimed.

    That may only have been a self-test, so they do not wait for the next round.
    """
    give_up = time.monotonic() + HELD_RETRY_SECONDS
    while sending_round.held and not sending_round.is_over and time.monotonic() < give_up:
        held, sending_round.held = sending_round.held, []
        people = queries.members_of_offices({person.org_id for person in held})
        wanted = {person.member_id for person in held}
        _send_batches(
            sending_round,
            _find_due(people, [person for person in people if person.member_id in wanted], sending_round.now)[0],
        )
        if sending_round.held:
            time.sleep(0.1)


def _send_owed(sending_round: _Round) -> None:
    """Send owed messages that did not go out at once, for three days; then log them as stuck.

    They are tried after 5, 10, 20 ... at most 60 minutes: a server that greylists would begin anew with a hasty try.
    """
    for org_id, member_id, mid, what, at in queries.owed_messages(sending_round.now):
        with transaction.atomic():
            recipient = recipients.get(org_id, member_id)
        if recipient is None or not recipient.settings.addresses or not sending_round.is_mail_usable:
            continue
        holder, day = uuid4(), sending_round.now.date()
        try:
            if not queries.claim_members(
                holder, [ReminderMember(recipient, None, 0, None)]
            ) or mid in queries.sent_times([mid]):
                continue
            target = deliver_message(recipient, what, mid, sending_round.mailer, tries=NEXT_ADDRESS_AFTER, on=day)
            queries.write_line(log_line(recipient, what, mid, target.kind))
            sending_round.sent += 1
        except DELIVERY_ERRORS as exc:
            log.warning("reminders.digest_not_sent %s", exc)
            wait = min(max(sending_round.now - at, FIRST_WAIT), LONGEST_WAIT)
            queries.postpone_owed(mid, try_after=sending_round.now + wait)
            if sending_round.now - at > OWED_FOR:
                queries.write_line(log_line(recipient, what, mid, recipient.settings.addresses[0].kind, state="stuck"))
        finally:
            queries.release_claims(holder)


def _send_batches(sending_round: _Round, due: Sequence[_DueMessage]) -> None:
    for start in range(0, len(due), BATCH_SIZE):
        if sending_round.is_over:
            return
        try:
            _send_batch(sending_round, due[start : start + BATCH_SIZE])
        finally:
            queries.settle_members(
                sending_round.holder,
                [whose for whose, _ in sending_round.settled],
                [day for _, day in sending_round.settled],
            )
            sending_round.settled.clear()
            queries.release_claims(sending_round.holder)
        if time.monotonic() - sending_round.last_beat > BEAT_SECONDS:  # a long round must stay alive
            heartbeat.beat("claim")
            sending_round.last_beat = time.monotonic()


def _send_batch(sending_round: _Round, due: Sequence[_DueMessage]) -> None:
    """Claim the members, make sure that no process notified them since the check, and send.

    Members whom another process has claimed are kept for later.
    """
    ours = {
        person.member_id: person
        for person in queries.claim_members(sending_round.holder, [due_message.person for due_message in due])
    }
    sending_round.held += [due_message.person for due_message in due if due_message.person.member_id not in ours]
    already_sent = queries.sent_times([due_message.mid for due_message in due])
    began = time.monotonic()
    for due_message in due:
        person = ours.get(due_message.person.member_id)
        if person is None or due_message.mid in already_sent or _is_backing_off(person, sending_round.now):
            continue
        if time.monotonic() - began > queries.LEASE_SECONDS / 3:
            still, began = queries.renew_claims(sending_round.holder), time.monotonic()
            if person.member_id not in still:
                continue
        due_message.person = person
        _send_message(sending_round, due_message)
        if sending_round.is_over:
            return


def _find_due(
    people: Sequence[ReminderMember], candidates: Sequence[ReminderMember], now: datetime
) -> tuple[list[_DueMessage], list[tuple[UUID, UUID, date]]]:
    """Return (messages due now for `candidates`, members with no pending days); `people`: all members of their offices.

    Members whom another worker notified in this very minute are left out: later changes are handled in the next one.
    """
    awake = [(person, local) for person, local in _past_morning(candidates, now) if not _is_backing_off(person, now)]
    mids = {
        p.member_id: [message_id(p.recipient, local.date(), what) for what in DAY_MESSAGE_KINDS] for p, local in awake
    }
    sent_at = queries.sent_times([mid for theirs in mids.values() for mid in theirs])
    minute = now.replace(second=0, microsecond=0)
    awake = [(p, local) for p, local in awake if all(sent_at.get(mid) != minute for mid in mids[p.member_id])]
    offices = _group_by_office(people)
    spans: list[tuple[Recipient, date, date]] = []
    sources: dict[UUID, list[ReminderMember]] = {}
    for person, local in awake:
        sources[person.member_id] = _source_members(offices[person.org_id], person, local.date())
        for source in sources[person.member_id]:
            first = min(source.checked_on or local.date(), local.date()) - LOOK_BACK
            spans.append((source.recipient, first, local.date()))
    waiting = queries.pending_days(spans)
    due: list[_DueMessage] = []
    settled: list[tuple[UUID, UUID, date]] = []
    for person, local in awake:
        theirs = [waiting[source.member_id] for source in sources[person.member_id] if source.member_id in waiting]
        if what := _message_kind(person.recipient, local, theirs, sent_at):
            ids = [source.member_id for source in sources[person.member_id]]
            fires = [fire for item in theirs for fire in item.ids]
            mid = message_id(person.recipient, local.date(), what)
            due.append(_DueMessage(person, what, mid, local.date(), fires, list({*ids, person.member_id})))
        elif not theirs and person.checked_on != local.date():
            settled += [(item.org_id, item.member_id, local.date()) for item in sources[person.member_id]]
    spoken_to = {item.person.member_id for item in due}
    quiet = [(person, local) for person, local in awake if person.member_id not in spoken_to]
    due += [_repeat_of(person, day) for person, day in follow_up.due_repeats(quiet, sources, sent_at, now)]
    return due, settled


def _repeat_of(person: ReminderMember, day: date) -> _DueMessage:
    """Return the repeat of a day's message. It settles no day: the first message already did."""
    return _DueMessage(person, "unseen", message_id(person.recipient, day, "unseen"), day, [], [person.member_id])


def _past_morning(people: Iterable[ReminderMember], now: datetime) -> list[tuple[ReminderMember, datetime]]:
    awake = []
    for person in people:
        try:
            local = person.recipient.local_time(now)
        except (LookupError, ValueError) as exc:
            log.error("reminders.member_unreadable %s", exc)
            continue
        if local.hour >= MORNING_HOUR and not person.recipient.settings.gone and person.recipient.settings.addresses:
            awake.append((person, local))
    return awake


def _is_backing_off(person: ReminderMember, now: datetime) -> bool:
    # A longer wait was set while the clock was wrong.
    return person.try_after is not None and now < person.try_after < now + LONGEST_WAIT * 2


def _group_by_office(people: Iterable[ReminderMember]) -> dict[UUID, dict[UUID, ReminderMember]]:
    offices: dict[UUID, dict[UUID, ReminderMember]] = defaultdict(dict)
    for person in people:
        offices[person.org_id][person.member_id] = person
    return offices


def _source_members(office: dict[UUID, ReminderMember], person: ReminderMember, day: date) -> list[ReminderMember]:
    """Return the members whose days this member receives: their own unless away, and those they stand in for."""
    elsewhere = [other for other in office.values() if other.recipient.settings.is_away(day)]
    if not elsewhere:
        return [person]
    recipients_by_id = {member_id: other.recipient for member_id, other in office.items()}
    mine = [
        other
        for other in elsewhere
        if recipients.receiver_for(recipients_by_id, other.member_id, day) == person.member_id
    ]
    return mine if person.recipient.settings.is_away(day) else [person, *mine]


def _message_kind(
    recipient: Recipient, local: datetime, waiting: Sequence[PendingDays], sent_ids: Collection[str]
) -> str:
    """Return reminder, urgent, or an empty string: one message a day, and a second only for something urgent after it.

    Anything else planned after the day's message stays unsent until the next morning.
    """
    today = local.date()
    urgent = any(pending.is_urgent for pending in waiting)
    if recipient.settings.is_quiet(local.hour * 60 + local.minute) and not urgent:
        return ""
    if message_id(recipient, today, "reminder") in sent_ids:
        return "urgent" if urgent and message_id(recipient, today, "urgent") not in sent_ids else ""
    if recipient.settings.is_away(today) and not waiting:
        return ""
    if recipient.settings.digest is not None and not urgent:
        waited = any(
            pending.oldest_day is not None and today - pending.oldest_day >= MAX_DIGEST_WAIT for pending in waiting
        )
        return "reminder" if waited or today.weekday() == recipient.settings.digest else ""
    return "reminder" if waiting or _is_cover_day(recipient, today) else ""


def _is_cover_day(recipient: Recipient, today: date) -> bool:
    """Return whether a day without items gets a message, so that the other messages reveal less."""
    return today.weekday() < 5 and queries.is_drawn(recipient, today, LABELS["other day"])


def _send_message(sending_round: _Round, due: _DueMessage) -> None:
    """Send one message to the member's first address that accepts it; otherwise the row waits for its next try."""
    person, recipient = due.person, due.person.recipient
    mail, tries = sending_round.is_mail_usable, NEXT_ADDRESS_AFTER if sending_round.is_mail_down else person.tries
    if not mail and all(target.kind == "email" for target in recipient.settings.usable_addresses):
        return  # not tried: the days stay pending
    try:
        target = deliver_message(
            recipient, due.what, due.mid, sending_round.mailer, tries=tries, on=due.today, try_mail=mail
        )
    except DELIVERY_ERRORS as exc:
        _record_failure(sending_round, due, exc)
        return
    queries.mark_sent(person.org_id, log_line(recipient, due.what, due.mid, target.kind), due.fires, due.today)
    sending_round.sent += 1
    sending_round.settled += [((person.org_id, source), due.today) for source in due.sources]


def _record_failure(sending_round: _Round, due: _DueMessage, exc: Exception) -> None:
    """Record a failed try and when to try again: after 1, 2, 4 ... at most 60 minutes.

    Each wait varies, so that a thousand members do not retry at the same time.
    """
    person, tries = due.person, due.person.tries + 1
    wait = LONGEST_WAIT if tries > 7 else min(timedelta(minutes=2 ** (tries - 1)), LONGEST_WAIT)
    queries.mark_failed(person, try_after=sending_round.now + wait * _jitter.uniform(0.75, 1.25))
    log.warning("reminders.not_sent %s tries=%d", exc, tries)
    if tries >= ESCALATE_AFTER or smtp.is_permanent(exc):
        sending_round.unreached.append((due, exc, tries))


def _settle_unreached(sending_round: _Round) -> None:
    """Log the messages that no address accepted as stuck and notify colleagues.

    What the mail server refuses for everybody is not a member's trouble: it waits like in an outage.
    """
    given_to_all = refusals.settle_refusals(sending_round.mailer)
    unreached, sending_round.unreached = sending_round.unreached, []
    for due, exc, tries in unreached:
        answer, recipient = smtp.answer_of(exc), due.person.recipient
        if tries < ESCALATE_AFTER and answer is not None and answer.code in given_to_all:
            continue
        kind = recipient.settings.addresses[0].kind
        queries.write_line(log_line(recipient, due.what, due.mid, kind, state="stuck"))
        heartbeat.beat("unreached")
        _notify_colleagues(sending_round, due.person, due.today)


def _notify_colleagues(sending_round: _Round, person: ReminderMember, day: date) -> None:
    """Notify supervisors, else admins, once a day that a colleague cannot be reached.

    The page Reminders shows which colleague it is.
    """
    with transaction.atomic():
        colleagues = recipients.colleagues_to_notify(person.org_id, person.member_id)
    for recipient in colleagues:
        mid = message_id(recipient, day, "unreached")
        if mid in queries.sent_times([mid]):
            continue
        try:
            target = deliver_message(
                recipient, "unreached", mid, sending_round.mailer, tries=NEXT_ADDRESS_AFTER, on=day
            )
        except DELIVERY_ERRORS as exc:
            log.warning("reminders.digest_not_sent %s", exc)
            continue
        queries.write_line(log_line(recipient, "unreached", mid, target.kind))
