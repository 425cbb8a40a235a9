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
from caseapp.reminders.choices import GATHERED, LOOK_BACK, MAIL_AWAY, MORNING, NEXT_WAY, OTHER_WAYS_AFTER
from caseapp.reminders.queries import Person, Waiting, message_id
from caseapp.reminders.recipients import Reached
from caseapp.reminders.sending import follow_up, smtp
from caseapp.reminders.sending.dispatch import CANNOT, by_ways, line
from caseapp.reminders.sending.follow_up import DAYS_MESSAGES
from caseapp.reminders.sending.smtp import Post

LONGEST_WAIT = timedelta(minutes=60)
BATCH = 64  # members claimed at once
PATIENCE = 5.0  # seconds at the end of a round to retry members claimed by another process
BEAT_EVERY = 60.0  # seconds
OWED_FOR = timedelta(days=3)
ENOUGH = 3  # failures of the mail server after which the rest of a round waits
TELL_OTHERS = 6  # failures after which supervisors or admins are notified: about an hour
log = logging.getLogger("caseapp.reminders")
_jitter = random.SystemRandom()


@dataclass
class _Due:
    """A message to send now. `fires`: the rows that it settles; `sources`: the members whose rows they are."""

    person: Person
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
    settled       of this batch: members whose days were settled, and the day up to which they were
    """

    now: datetime
    letters: Post
    is_out: bool = False
    holder: UUID = field(default_factory=uuid4)
    beaten: float = field(default_factory=time.monotonic)
    sent: int = 0
    held: list[Person] = field(default_factory=list)
    told: list[tuple[tuple[UUID, UUID], date]] = field(default_factory=list)

    @property
    def has_mail(self) -> bool:
        """Return whether mail is still tried: no worker waits for a server that is down, the rows wait instead."""
        return self.letters.away < ENOUGH

    @property
    def is_over(self) -> bool:
        """Return whether the rest of the round waits: right after an outage begins, the server may soon be back."""
        return not self.has_mail and not self.is_out


def send_due(letters: Post | None = None) -> int:
    """Send to every member whose morning has begun; return how many messages went out."""
    with letters or Post() as connection:
        now, since = clock.now(), heartbeat.seen().get(MAIL_AWAY)
        sending_round = _Round(now, connection, is_out=since is not None and now - since >= OTHER_WAYS_AFTER)
        offices = list(queries.offices())
        _jitter.shuffle(offices)  # two workers neither run in step nor catch up with each other
        for orgs in offices:
            if sending_round.is_over:
                break
            _see_to(sending_round, queries.people(orgs))
        _see_again(sending_round)
        _keep_word(sending_round)
        if connection.taken:
            heartbeat.end(MAIL_AWAY)
        elif connection.away:
            heartbeat.begin(MAIL_AWAY)
    heartbeat.beat("claim")  # at the end: a round that always fails in the middle must not count as alive
    return sending_round.sent


def _see_to(this: _Round, people: Sequence[Person]) -> None:
    due, settled = _look(people, people, this.now)
    queries.mark_checked(settled)
    _jitter.shuffle(due)
    due.sort(key=lambda one: one.person.try_after is not None)  # members with failed tries last
    _batches(this, due)


def _see_again(this: _Round) -> None:
    """Retry members whom another process had claimed.

    That may only have been a self-test, so they do not wait for the next round.
    """
    give_up = time.monotonic() + PATIENCE
    while this.held and not this.is_over and time.monotonic() < give_up:
        held, this.held = this.held, []
        people = queries.people({person.org_id for person in held})
        wanted = {person.member_id for person in held}
        _batches(this, _look(people, [person for person in people if person.member_id in wanted], this.now)[0])
        if this.held:
            time.sleep(0.1)


def _keep_word(this: _Round) -> None:
    """Send owed messages that did not go out at once, for three days; then log them as stuck."""
    for org_id, member_id, mid, what, at in queries.owed():
        with transaction.atomic():
            recipient = recipients.get(org_id, member_id)
        if recipient is None or not recipient.ways.all or not this.has_mail:
            continue
        holder, day = uuid4(), this.now.date()
        try:
            if not queries.lease(holder, [Person(recipient, None, 0, None)]) or mid in queries.logged([mid]):
                continue
            target = by_ways(recipient, what, mid, this.letters, tries=NEXT_WAY, on=day)
            queries.write_line(line(recipient, what, mid, target.kind))
            this.sent += 1
        except CANNOT as exc:
            log.warning("member %s could not be told: %s", member_id, type(exc).__name__)
            if this.now - at > OWED_FOR:
                queries.write_line(line(recipient, what, mid, recipient.ways.all[0].kind, state="stuck"))
        finally:
            queries.release(holder)


def _batches(this: _Round, due: Sequence[_Due]) -> None:
    for start in range(0, len(due), BATCH):
        if this.is_over:
            return
        try:
            _batch(this, due[start : start + BATCH])
        finally:
            queries.settle(this.holder, [whose for whose, _ in this.told], [day for _, day in this.told])
            this.told.clear()
            queries.release(this.holder)
        if time.monotonic() - this.beaten > BEAT_EVERY:  # a long round must stay alive
            heartbeat.beat("claim")
            this.beaten = time.monotonic()


def _batch(this: _Round, due: Sequence[_Due]) -> None:
    """Claim the members, make sure that no process notified them since the check, and send.

    Members whom another process has claimed are kept for later.
    """
    ours = {
        person.member_id: person for person in queries.lease(this.holder, [due_message.person for due_message in due])
    }
    this.held += [due_message.person for due_message in due if due_message.person.member_id not in ours]
    already_sent = queries.logged([due_message.mid for due_message in due])
    began = time.monotonic()
    for due_message in due:
        person = ours.get(due_message.person.member_id)
        if person is None or due_message.mid in already_sent or _rests(person, this.now):
            continue
        if time.monotonic() - began > queries.LEASE / 3:
            still, began = queries.renew(this.holder), time.monotonic()
            if person.member_id not in still:
                continue
        due_message.person = person
        _tell(this, due_message)
        if this.is_over:
            return


def _look(
    people: Sequence[Person], whom: Sequence[Person], now: datetime
) -> tuple[list[_Due], list[tuple[UUID, UUID, date]]]:
    """Return (messages due now for `candidates`, members with no pending days); `people`: all members of their offices.

    Members whom another worker notified in this very minute are left out: later changes are handled in the next one.
    """
    awake = [(person, local) for person, local in _mornings(whom, now) if not _rests(person, now)]
    mids = {p.member_id: [message_id(p.reached, local.date(), what) for what in DAYS_MESSAGES] for p, local in awake}
    sent_at = queries.logged([mid for theirs in mids.values() for mid in theirs])
    minute = now.replace(second=0, microsecond=0)
    awake = [(p, local) for p, local in awake if all(sent_at.get(mid) != minute for mid in mids[p.member_id])]
    offices = _by_office(people)
    spans: list[tuple[Reached, date, date]] = []
    sources: dict[UUID, list[Person]] = {}
    for person, local in awake:
        sources[person.member_id] = _sources(offices[person.org_id], person, local.date())
        for source in sources[person.member_id]:
            first = min(source.checked_on or local.date(), local.date()) - LOOK_BACK
            spans.append((source.reached, first, local.date()))
    waiting = queries.waiting(spans)
    due: list[_Due] = []
    settled: list[tuple[UUID, UUID, date]] = []
    for person, local in awake:
        theirs = [waiting[source.member_id] for source in sources[person.member_id] if source.member_id in waiting]
        if what := _what(person.reached, local, theirs, sent_at):
            ids = [source.member_id for source in sources[person.member_id]]
            fires = [fire for item in theirs for fire in item.ids]
            mid = message_id(person.reached, local.date(), what)
            due.append(_Due(person, what, mid, local.date(), fires, list({*ids, person.member_id})))
        elif not theirs and person.checked_on != local.date():
            settled += [(item.org_id, item.member_id, local.date()) for item in sources[person.member_id]]
    spoken_to = {item.person.member_id for item in due}
    quiet = [(person, local) for person, local in awake if person.member_id not in spoken_to]
    due += [_again(person, day) for person, day in follow_up.wanted(quiet, sources, sent_at, now)]
    return due, settled


def _again(person: Person, day: date) -> _Due:
    """Return the repeat of a day's message. It settles no day: the first message already did."""
    return _Due(person, "unseen", message_id(person.reached, day, "unseen"), day, [], [person.member_id])


def _mornings(people: Iterable[Person], now: datetime) -> list[tuple[Person, datetime]]:
    awake = []
    for person in people:
        try:
            local = person.reached.local(now)
        except (LookupError, ValueError) as exc:
            log.error("member %s cannot be reminded: %s", person.member_id, type(exc).__name__)
            continue
        if local.hour >= MORNING and not person.reached.ways.gone and person.reached.ways.all:
            awake.append((person, local))
    return awake


def _rests(person: Person, now: datetime) -> bool:
    # A longer wait was set while the clock was wrong.
    return person.try_after is not None and now < person.try_after < now + LONGEST_WAIT * 2


def _by_office(people: Iterable[Person]) -> dict[UUID, dict[UUID, Person]]:
    offices: dict[UUID, dict[UUID, Person]] = defaultdict(dict)
    for person in people:
        offices[person.org_id][person.member_id] = person
    return offices


def _sources(office: dict[UUID, Person], person: Person, day: date) -> list[Person]:
    """Return the members whose days this member receives: their own unless away, and those they stand in for."""
    elsewhere = [other for other in office.values() if other.reached.ways.is_away(day)]
    if not elsewhere:
        return [person]
    recipients_by_id = {member_id: other.reached for member_id, other in office.items()}
    mine = [other for other in elsewhere if recipients.heir(recipients_by_id, other.member_id, day) == person.member_id]
    return mine if person.reached.ways.is_away(day) else [person, *mine]


def _what(reached: Reached, local: datetime, waiting: Sequence[Waiting], told: Collection[str]) -> str:
    """Return reminder, urgent, or an empty string: one message a day, and a second only for something urgent after it.

    Anything else planned after the day's message stays unsent until the next morning.
    """
    today = local.date()
    urgent = any(pending.urgent for pending in waiting)
    if reached.ways.is_quiet(local.hour * 60 + local.minute) and not urgent:
        return ""
    if message_id(reached, today, "reminder") in told:
        return "urgent" if urgent and message_id(reached, today, "urgent") not in told else ""
    if reached.ways.is_away(today) and not waiting:
        return ""
    if reached.ways.digest is not None and not urgent:
        waited = any(pending.oldest is not None and today - pending.oldest >= GATHERED for pending in waiting)
        return "reminder" if waited or today.weekday() == reached.ways.digest else ""
    return "reminder" if waiting or _other_day(reached, today) else ""


def _other_day(reached: Reached, today: date) -> bool:
    """Return whether a day without items gets a message, so that the other messages reveal less."""
    return today.weekday() < 5 and queries.is_drawn(reached, today, b"other day")


def _tell(this: _Round, due: _Due) -> None:
    """Send one message to the member's first address that accepts it; otherwise the row waits for its next try."""
    person, recipient = due.person, due.person.reached
    mail, tries = this.has_mail, NEXT_WAY if this.is_out else person.tries
    if not mail and all(target.kind == "email" for target in recipient.ways.usable):
        return  # not tried: the days stay pending
    try:
        target = by_ways(recipient, due.what, due.mid, this.letters, tries=tries, on=due.today, mail=mail)
    except CANNOT as exc:
        _failed(this, due, exc)
        return
    queries.mark_sent(person.org_id, line(recipient, due.what, due.mid, target.kind), due.fires, due.today)
    this.sent += 1
    this.told += [((person.org_id, source), due.today) for source in due.sources]


def _failed(this: _Round, due: _Due, exc: Exception) -> None:
    """Record a failed try and when to try again: after 1, 2, 4 ... at most 60 minutes.

    Each wait varies, so that a thousand members do not retry at the same time.
    """
    person, tries = due.person, due.person.tries + 1
    wait = LONGEST_WAIT if tries > 7 else min(timedelta(minutes=2 ** (tries - 1)), LONGEST_WAIT)
    queries.mark_failed(person, try_after=this.now + wait * _jitter.uniform(0.75, 1.25))
    log.warning("no channel of member %s took a message: %s, try %d", person.member_id, type(exc).__name__, tries)
    if tries >= TELL_OTHERS or smtp.is_for_good(exc):
        queries.write_line(line(person.reached, due.what, due.mid, person.reached.ways.all[0].kind, state="stuck"))
        heartbeat.beat("unreached")
        _tell_others(this, person, due.today)


def _tell_others(this: _Round, person: Person, day: date) -> None:
    """Notify supervisors, else admins, once a day that a colleague cannot be reached.

    The page Reminders shows which colleague it is.
    """
    with transaction.atomic():
        colleagues = recipients.minders(person.org_id, person.member_id)
    for recipient in colleagues:
        mid = message_id(recipient, day, "unreached")
        if mid in queries.logged([mid]):
            continue
        try:
            target = by_ways(recipient, "unreached", mid, this.letters, tries=NEXT_WAY, on=day)
        except CANNOT as exc:
            log.warning("member %s could not be told: %s", recipient.member_id, type(exc).__name__)
            continue
        queries.write_line(line(recipient, "unreached", mid, target.kind))
