"""Sending: one message a member and day, whatever it stands for. At least once; a repeat carries the same Message-ID.

A round looks at everybody, claims those who have something to be told (`claims`), makes sure that nobody told them
meanwhile and tells them, marking each as it went out. A process that dies between the server's 250 and its mark sends
once more, under the same Message-ID; what else it had claimed is free again after `claims.LEASE` seconds.
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
PATIENCE = 5.0  # seconds at the end of a round for whoever was held by another process
BEAT_EVERY = 60.0  # seconds
OWED_FOR = timedelta(days=3)
ENOUGH = 3  # failures of the mail server in a round, after which the rest of the round waits
TELL_OTHERS = 6  # failures after which supervisors or admins are told: about an hour
log = logging.getLogger("caseapp.reminders")
_jitter = random.SystemRandom()


@dataclass
class _Due:
    """What somebody is to be told now. `fires`: the rows this settles; `sources`: whose rows they are."""

    person: Person
    what: str
    mid: str
    today: date
    fires: list[UUID]
    sources: list[UUID]


@dataclass
class _Round:
    """One going through everybody. `sent` counts messages.

    is_out  the mail server has been away for a while: who has another address is told by that
    held    whom another process had
    told    of this batch: members whose days were settled, and up to which
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
        """No worker spends its minutes waiting for a server that is away: the rows wait instead."""
        return self.letters.away < ENOUGH

    @property
    def is_over(self) -> bool:
        """Whether the rest of the round waits: right after the server went away, it may be back in a moment."""
        return not self.has_mail and not self.is_out


def send_due(letters: Post | None = None) -> int:
    """See to every member whose morning has come; answers how many messages went out."""
    with letters or Post() as post_office:
        now, since = clock.now(), heartbeat.seen().get(MAIL_AWAY)
        this = _Round(now, post_office, is_out=since is not None and now - since >= OTHER_WAYS_AFTER)
        offices = list(queries.offices())
        _jitter.shuffle(offices)  # two workers do not go side by side, nor does one catch up with the other
        for orgs in offices:
            if this.is_over:
                break
            _see_to(this, queries.people(orgs))
        _see_again(this)
        _keep_word(this)
        if post_office.taken:
            heartbeat.end(MAIL_AWAY)
        elif post_office.away:
            heartbeat.begin(MAIL_AWAY)
    heartbeat.beat("claim")  # at its end: a round that fails each time in the middle is not alive
    return this.sent


def _see_to(this: _Round, people: Sequence[Person]) -> None:
    due, settled = _look(people, people, this.now)
    queries.mark_checked(settled)
    _jitter.shuffle(due)
    due.sort(key=lambda one: one.person.try_after is not None)  # who failed before comes last
    _batches(this, due)


def _see_again(this: _Round) -> None:
    """Whoever another process held may only have been in its self-test: they are not kept for the next round."""
    give_up = time.monotonic() + PATIENCE
    while this.held and not this.is_over and time.monotonic() < give_up:
        held, this.held = this.held, []
        people = queries.people({person.org_id for person in held})
        wanted = {person.member_id for person in held}
        _batches(this, _look(people, [person for person in people if person.member_id in wanted], this.now)[0])
        if this.held:
            time.sleep(0.1)


def _keep_word(this: _Round) -> None:
    """Send what was promised and did not go out at once, for three days; then it stands as what did not arrive."""
    for org_id, member_id, mid, what, at in queries.owed():
        with transaction.atomic():
            reached = recipients.get(org_id, member_id)
        if reached is None or not reached.ways.all or not this.has_mail:
            continue
        holder, day = uuid4(), this.now.date()
        try:
            if not queries.lease(holder, [Person(reached, None, 0, None)]) or mid in queries.logged([mid]):
                continue
            way = by_ways(reached, what, mid, this.letters, tries=NEXT_WAY, on=day)
            queries.write_line(line(reached, what, mid, way.kind))
            this.sent += 1
        except CANNOT as exc:
            log.warning("member %s could not be told: %s", member_id, type(exc).__name__)
            if this.now - at > OWED_FOR:
                queries.write_line(line(reached, what, mid, reached.ways.all[0].kind, state="stuck"))
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
        if time.monotonic() - this.beaten > BEAT_EVERY:  # a long round is alive all the while
            heartbeat.beat("claim")
            this.beaten = time.monotonic()


def _batch(this: _Round, due: Sequence[_Due]) -> None:
    """Claim, make sure that nobody told them since we looked, tell. Whom another process holds is kept for later."""
    ours = {person.member_id: person for person in queries.lease(this.holder, [one.person for one in due])}
    this.held += [one.person for one in due if one.person.member_id not in ours]
    told = queries.logged([one.mid for one in due])
    began = time.monotonic()
    for one in due:
        person = ours.get(one.person.member_id)
        if person is None or one.mid in told or _rests(person, this.now):
            continue
        if time.monotonic() - began > queries.LEASE / 3:
            still, began = queries.renew(this.holder), time.monotonic()
            if person.member_id not in still:
                continue
        one.person = person
        _tell(this, one)
        if this.is_over:
            return


def _look(
    people: Sequence[Person], whom: Sequence[Person], now: datetime
) -> tuple[list[_Due], list[tuple[UUID, UUID, date]]]:
    """(who of `whom` is to be told something now, members of whose days nothing waits); `people`: their offices.

    Whom another worker told in this very minute is left out: what came since is seen to in the next.
    """
    awake = [(person, local) for person, local in _mornings(whom, now) if not _rests(person, now)]
    mids = {p.member_id: [message_id(p.reached, local.date(), what) for what in DAYS_MESSAGES] for p, local in awake}
    told = queries.logged([mid for theirs in mids.values() for mid in theirs])
    minute = now.replace(second=0, microsecond=0)
    awake = [(p, local) for p, local in awake if all(told.get(mid) != minute for mid in mids[p.member_id])]
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
        if what := _what(person.reached, local, theirs, told):
            ids = [source.member_id for source in sources[person.member_id]]
            fires = [fire for one in theirs for fire in one.ids]
            mid = message_id(person.reached, local.date(), what)
            due.append(_Due(person, what, mid, local.date(), fires, list({*ids, person.member_id})))
        elif not theirs and person.checked_on != local.date():
            settled += [(one.org_id, one.member_id, local.date()) for one in sources[person.member_id]]
    spoken_to = {one.person.member_id for one in due}
    quiet = [(person, local) for person, local in awake if person.member_id not in spoken_to]
    due += [_again(person, day) for person, day in follow_up.wanted(quiet, sources, told, now)]
    return due, settled


def _again(person: Person, day: date) -> _Due:
    """The repeat of a day's message. It settles no day: that was done when the message went out."""
    return _Due(person, "unseen", message_id(person.reached, day, "unseen"), day, [], [person.member_id])


def _mornings(people: Iterable[Person], now: datetime) -> list[tuple[Person, datetime]]:
    found = []
    for person in people:
        try:
            local = person.reached.local(now)
        except (LookupError, ValueError) as exc:
            log.error("member %s cannot be reminded: %s", person.member_id, type(exc).__name__)
            continue
        if local.hour >= MORNING and not person.reached.ways.gone and person.reached.ways.all:
            found.append((person, local))
    return found


def _rests(person: Person, now: datetime) -> bool:
    # A wait far ahead was set while the clock was wrong.
    return person.try_after is not None and now < person.try_after < now + LONGEST_WAIT * 2


def _by_office(people: Iterable[Person]) -> dict[UUID, dict[UUID, Person]]:
    found: dict[UUID, dict[UUID, Person]] = defaultdict(dict)
    for person in people:
        found[person.org_id][person.member_id] = person
    return found


def _sources(office: dict[UUID, Person], person: Person, day: date) -> list[Person]:
    """Whose days this member is told of on this day: their own unless away, and those of whom they stand in for."""
    elsewhere = [one for one in office.values() if one.reached.ways.is_away(day)]
    if not elsewhere:
        return [person]
    reached = {member_id: one.reached for member_id, one in office.items()}
    mine = [one for one in elsewhere if recipients.heir(reached, one.member_id, day) == person.member_id]
    return mine if person.reached.ways.is_away(day) else [person, *mine]


def _what(reached: Reached, local: datetime, waiting: Sequence[Waiting], told: Collection[str]) -> str:
    """reminder, urgent, or nothing: one message a day, and a second only for something urgent that came after it.

    What else comes after the day's message stays unsent and is said the next morning.
    """
    today = local.date()
    urgent = any(one.urgent for one in waiting)
    if reached.ways.is_quiet(local.hour * 60 + local.minute) and not urgent:
        return ""
    if message_id(reached, today, "reminder") in told:
        return "urgent" if urgent and message_id(reached, today, "urgent") not in told else ""
    if reached.ways.is_away(today) and not waiting:
        return ""
    if reached.ways.digest is not None and not urgent:
        waited = any(one.oldest is not None and today - one.oldest >= GATHERED for one in waiting)
        return "reminder" if waited or today.weekday() == reached.ways.digest else ""
    return "reminder" if waiting or _other_day(reached, today) else ""


def _other_day(reached: Reached, today: date) -> bool:
    """Days without items that get a message, so that the rest tell less."""
    return today.weekday() < 5 and queries.is_drawn(reached, today, b"other day")


def _tell(this: _Round, due: _Due) -> None:
    """One message by the first of the member's channels that takes it; else the row waits for its next try."""
    person, reached = due.person, due.person.reached
    mail, tries = this.has_mail, NEXT_WAY if this.is_out else person.tries
    if not mail and all(way.kind == "email" for way in reached.ways.usable):
        return  # not tried: it waits in its rows
    try:
        way = by_ways(reached, due.what, due.mid, this.letters, tries=tries, on=due.today, mail=mail)
    except CANNOT as exc:
        _failed(this, due, exc)
        return
    queries.mark_sent(person.org_id, line(reached, due.what, due.mid, way.kind), due.fires, due.today)
    this.sent += 1
    this.told += [((person.org_id, source), due.today) for source in due.sources]


def _failed(this: _Round, due: _Due, exc: Exception) -> None:
    """Waits 1, 2, 4 ... at most 60 minutes, each somewhat more or less, so that a thousand do not come back at once."""
    person, tries = due.person, due.person.tries + 1
    wait = LONGEST_WAIT if tries > 7 else min(timedelta(minutes=2 ** (tries - 1)), LONGEST_WAIT)
    queries.mark_failed(person, try_after=this.now + wait * _jitter.uniform(0.75, 1.25))
    log.warning("no channel of member %s took a message: %s, try %d", person.member_id, type(exc).__name__, tries)
    if tries >= TELL_OTHERS or smtp.is_for_good(exc):
        queries.write_line(line(person.reached, due.what, due.mid, person.reached.ways.all[0].kind, state="stuck"))
        heartbeat.beat("unreached")
        _tell_others(this, person, due.today)


def _tell_others(this: _Round, person: Person, day: date) -> None:
    """Supervisors, else admins, hear once a day that a colleague cannot be reached; who it is stands on the page."""
    with transaction.atomic():
        minders = recipients.minders(person.org_id, person.member_id)
    for reached in minders:
        mid = message_id(reached, day, "unreached")
        if mid in queries.logged([mid]):
            continue
        try:
            way = by_ways(reached, "unreached", mid, this.letters, tries=NEXT_WAY, on=day)
        except CANNOT as exc:
            log.warning("member %s could not be told: %s", reached.member_id, type(exc).__name__)
            continue
        queries.write_line(line(reached, "unreached", mid, way.kind))
