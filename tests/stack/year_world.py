"""What `test_year` knows of its two offices: who is in them, what they must hear of when, and what they heard.

The days before a date are those of the reminder ladder, which tests/casefile/test_reminder_ladder.py works out by hand.
"""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.stack.year_events import Dated

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
MORNING = 7
GATHERED = 2 * DAY  # a weekly digest waits this long at most
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/Madrid", "Asia/Kathmandu",
         "Pacific/Auckland")  # fmt: skip
LANGUAGES = ("en", "es", "fr")
US, FRANCE = "us-federal", "france"  # an office is named by the law it works with
FRENCH = range(4, 9)  # numbers of the members of the French office: the first founded it, the next one supervises


@dataclass(frozen=True)
class Person:
    """A member. `number` is in their address; 0 founded the office of the United States."""

    number: int
    zone: ZoneInfo
    language: str
    role: str = "caseworker"
    is_admin: bool = False
    has_phone: bool = False
    quiet: tuple[int, int] | None = (20 * 60, 7 * 60)
    digest: int | None = None
    office: str = US

    @property
    def email(self) -> str:
        return f"m{self.number}@office.test"

    def is_quiet(self, local: dt.datetime) -> bool:
        if self.quiet is None:
            return False
        minute, (begins, ends) = local.hour * 60 + local.minute, self.quiet
        return begins <= minute < ends if begins <= ends else minute >= begins or minute < ends


@dataclass
class Kept:
    """A date as it was entered; `fires`: who must hear of it on which days, and which of these are urgent.

    `rule`: the rule whose event was recorded; "": it was entered as a date.
    `is_watch`: it binds the government or only opens a window: one member is reminded once, and nothing escalates.
    """

    what: str
    due: dt.date
    severity: str
    lead: int
    saved_at: dt.datetime
    fires: dict[int, dict[dt.date, bool]]
    href: str = ""
    closed_at: dt.datetime | None = None
    rule: str = ""
    is_watch: bool = False


@dataclass(frozen=True)
class Heard:
    """A message that a server or gateway took. `what`: day, again, other."""

    who: int
    at: dt.datetime
    what: str
    mid: str


@dataclass
class World:
    """The office, its clock and its troubles. Everything random comes from one seed."""

    start: dt.datetime
    days: int
    people: list[Person]
    heard: list[Heard] = field(default_factory=list)
    deadlines: list[Kept] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)  # rules of whose dates at least one reminder was heard
    mail_out: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)
    phone_out: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    killed_at: list[dt.datetime] = field(default_factory=list)
    looks: list[tuple[str, dt.datetime]] = field(default_factory=list)  # office, when a member opened Today
    chance: random.Random = field(default_factory=lambda: random.Random(20270308))

    def __post_init__(self) -> None:
        for outages, longest in ((self.mail_out, 72), (self.phone_out, 24)):
            at = self.start
            while at < self.end:
                at += self.chance.randrange(24, 24 * 10) * HOUR
                outages.append((at, at + self.chance.randrange(1, longest + 1) * HOUR))

    @property
    def end(self) -> dt.datetime:
        return self.start + self.days * DAY

    def numbers(self, office: str, *, admin: bool = False, role: str = "") -> list[int]:
        people = [person for person in self.people if person.office == office]
        return [p.number for p in people if (p.is_admin if admin else p.role == role)]

    def expect(self, dated: Dated, lead: int, today: dt.date) -> dict[int, dict[dt.date, bool]]:
        """By person, day -> urgent. `today`: the day on which it is entered, where its lead is."""
        fires: dict[int, dict[dt.date, bool]] = defaultdict(dict)

        def add(who: int, day: dt.date, *, urgent: bool) -> None:
            fires[who][day] = fires[who].get(day, False) or urgent

        due, office = dated.due, self.people[lead].office
        people = {"owner": [lead], "lead": [lead]}
        people |= {"supervisor": self.numbers(office, role="supervisor"), "admin": self.numbers(office, admin=True)}
        for role, rung in dated.rungs.items():
            days = [due - n * DAY for n in rung.days if due - n * DAY >= today]
            # Entered late, everything is behind already: then it is said today.
            days = days or ([today] if role == "owner" else [])
            over = max(due, today)
            days += [over + n * DAY for n in range(1, 15) if (over + n * DAY).weekday() < 5][: rung.repeated]
            for who, day in ((who, day) for who in people[role] for day in days):
                add(who, day, urgent=rung.urgent_from is not None and (due - day).days <= rung.urgent_from)
        return {who: days for who, days in fires.items() if days}


def is_out(outages: list[tuple[dt.datetime, dt.datetime]], moment: dt.datetime) -> bool:
    return any(begins <= moment < ends for begins, ends in outages)


def offices(size: int = 20) -> list[Person]:
    """Two offices with admins and supervisors, six zones, three languages, telephones for a third, all quiet hours."""
    people = [Person(0, ZoneInfo(ZONES[0]), "en", is_admin=True)]
    for number in range(1, size):
        is_founder = number == FRENCH[0]
        role = "supervisor" if number in (2, 3, FRENCH[1]) else "caseworker"
        quiet = (18 * 60, 9 * 60) if number % 4 == 1 else None if number % 4 == 2 else (20 * 60, 7 * 60)
        zone = "Europe/Paris" if is_founder else ZONES[number % len(ZONES)]
        people.append(
            Person(
                number, ZoneInfo(zone), LANGUAGES[number % len(LANGUAGES)], role,
                is_admin=number == 1 or is_founder, has_phone=number in (1, FRENCH[1]) or number % 3 == 0,
                quiet=(20 * 60, 7 * 60) if is_founder else quiet,
                digest=number % 5 if number % 6 == 5 else None, office=FRANCE if number in FRENCH else US,
            )
        )  # fmt: skip
    return people


def never_silent(world: World) -> tuple[int, int]:
    """(planned reminders whose time has come, those of them told to others in an outage). Raises AssertionError.

    Each office has a minder with a second channel: where all have mail alone, an outage of it silences the office.
    """
    heard: dict[int, list[Heard]] = defaultdict(list)
    for one in world.heard:
        heard[one.who].append(one)
    looked = escalated = 0
    problems: list[str] = []
    for deadline in world.deadlines:
        for who, days in deadline.fires.items():
            zone = world.people[who].zone
            for day in days:
                opens = max(dt.datetime.combine(day, dt.time(MORNING), zone), deadline.saved_at)
                patience = GATHERED + DAY if world.people[who].digest is not None else 12 * HOUR
                if deadline.saved_at.astimezone(zone).date() >= day:
                    patience = max(patience, DAY)  # that day's message may be out: what is not urgent waits a night
                limit = opens + patience + _troubled(world, opens)
                if limit > world.end - DAY or (
                    deadline.closed_at is not None and deadline.closed_at < opens + 3 * HOUR
                ):
                    continue
                looked += 1
                world.fired.add(deadline.rule)
                told = [one.at for one in heard[who] if one.what == "day" and opens <= one.at <= limit]
                others = [(str(one.at), one.what) for one in heard[who] if abs(one.at - opens) < 2 * DAY]
                what = f"{deadline.what} {day} ({deadline.severity})"
                if not told:
                    problems.append(f"nobody told {who} of {what}: {opens} to {limit}, heard {others}")
                    continue
                ends = dt.datetime.combine(deadline.due + DAY, dt.time(), zone)
                if day <= deadline.due and told[0] >= ends and deadline.saved_at < ends - DAY:
                    problems += _late(world, deadline, who, opens, told[0], ends, heard)
                    escalated += not deadline.is_watch
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:40])
    return looked, escalated


def _late(
    world: World,
    deadline: Kept,
    who: int,
    opens: dt.datetime,
    told: dt.datetime,
    ends: dt.datetime,
    heard: dict[int, list[Heard]],
) -> list[str]:
    """What is wrong with a reminder that was told after its date: only an outage may delay it, and others know."""
    if not any(begins < ends and told >= begins for begins, _ in world.mail_out):
        return [f"late without a cause: {who} was told of {deadline.what} at {told}"]
    if deadline.is_watch:
        return [] if list(deadline.fires) == [who] else [f"{deadline.what} is escalated to {deadline.fires}"]
    office = world.people[deadline.lead].office
    minders = {*world.numbers(office, admin=True), *world.numbers(office, role="supervisor"), *deadline.fires} - {who}
    # Each from the morning before that day in their own zone: in Auckland it begins ten hours earlier than in Paris.
    eve = (opens - DAY).astimezone(world.people[who].zone).date()
    mornings = {other: dt.datetime.combine(eve, dt.time(MORNING), world.people[other].zone) for other in minders}
    if any(one.at >= min(mornings[other], opens - DAY) for other in minders for one in heard[other] if one.at < ends):
        return []
    near = {other: [str(one.at) for one in heard[other] if abs(one.at - opens) < 3 * DAY] for other in minders}
    return [f"{who} was told of {deadline.what} at {told}, after {ends}, and nobody else before: {near}"]


def _troubled(world: World, opens: dt.datetime) -> dt.timedelta:
    """How long the mail server was away in the days after this moment, and a night, where it came back in one."""
    around = [ends - begins for begins, ends in world.mail_out if begins < opens + 4 * DAY and ends > opens]
    return sum(around, DAY if around else dt.timedelta())


def never_twice(world: World) -> int:
    """How often a message came again; raises for a second one without a cause that this world knows.

    A day has one message by each channel, one more when something urgent was entered after the one before, and one
    repeat where nobody looked; an admin has one more while nobody of the office has looked for a week. After a kill the
    same message may come again, or its second one.
    """
    mids = [one.mid for one in world.heard if one.mid]
    repeats = len(mids) - len(set(mids))
    a_day: dict[tuple[int, dt.date, str], list[Heard]] = defaultdict(list)
    for one in world.heard:
        local = one.at.astimezone(world.people[one.who].zone)
        known = a_day[one.who, local.date(), one.what]
        if one.what != "other" and not (one.mid and any(other.mid == one.mid for other in known)):
            known.append(one)
    unknown: list[str] = []
    problems: list[str] = []
    for (who, day, what), heard in a_day.items():
        for number, (before, one) in enumerate(pairwise(sorted(heard, key=lambda one: one.at)), 2):
            if bool(one.mid) != bool(before.mid) and is_out(world.mail_out, before.at if before.mid == "" else one.at):
                continue  # a text in place of a letter that was refused; the letter follows when the server is back
            if what == "day" and _urgent_came(world, who, day, before.at, one.at):
                continue
            if what == "again" and _is_unattended(world, world.people[who], one.at):
                continue
            is_after_kill = any(one.at - 6 * HOUR <= killed <= one.at for killed in world.killed_at)
            said = f"{number}. {what} of {who} at {before.at} and {one.at}: {_done_by(world, who, one.at)}"
            (unknown if is_after_kill else problems).append(said)
    assert not problems, f"{len(problems)} messages too many:\n" + "\n".join(problems[:60])
    print(f"{len(unknown)} second messages after a kill:\n" + "\n".join(unknown))
    assert repeats + len(unknown) <= len(world.killed_at), f"{repeats} repeats, {len(unknown)} more, fewer kills"
    return repeats


def _done_by(world: World, who: int, at: dt.datetime) -> str:
    """What a member entered and closed within three hours, for whoever looks for the cause of a message."""
    mine = [deadline for deadline in world.deadlines if deadline.lead == who]
    entered = [f"{d.what} {d.severity} due {d.due}" for d in mine if at - 3 * HOUR <= d.saved_at <= at]
    closed = [f"{d.what} due {d.due}" for d in mine if d.closed_at and at - 3 * HOUR <= d.closed_at <= at]
    return f"entered {entered}, closed {closed}"


def _is_unattended(world: World, person: Person, at: dt.datetime) -> bool:
    looks = (moment for office, moment in world.looks if office == person.office)
    return person.is_admin and not any(at - 6 * DAY <= moment < at for moment in looks)


def _urgent_came(world: World, who: int, day: dt.date, before: dt.datetime, at: dt.datetime) -> bool:
    """Something urgent of that day or before was entered since the message before."""
    return any(
        urgent and planned <= day and before <= deadline.saved_at <= at
        for deadline in world.deadlines
        for planned, urgent in deadline.fires.get(who, {}).items()
    )


def never_at_night(world: World) -> None:
    """Nothing before seven, and in quiet hours only what is urgent."""
    for one in world.heard:
        person = world.people[one.who]
        local = one.at.astimezone(person.zone)
        if one.what == "other":
            continue  # that reminders or a colleague's message do not go out is said at any hour
        assert local.hour >= MORNING, (one, local)
        if person.is_quiet(local):
            assert one.what == "day", f"the repeat came in quiet hours: {one}"
            assert _is_urgent_near(world, one.who, local.date()), f"woken for nothing: {one}"


def _is_urgent_near(world: World, who: int, day: dt.date) -> bool:
    """Something urgent was planned for that day or for days before that an outage or the weekend held up."""
    for deadline in world.deadlines:
        if any(
            urgent and planned <= day <= planned + 9 * DAY for planned, urgent in deadline.fires.get(who, {}).items()
        ):
            return True
        is_admin = who in world.numbers(world.people[deadline.lead].office, admin=True)
        if is_admin and deadline.severity != "routine" and deadline.due < day:
            return True  # what passed is said to admins until it is done
    return False
