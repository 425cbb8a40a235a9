"""A simulated time: an office of 20 people in 6 zones, deadlines come, are done and pass, and everything goes wrong.

The clock is driven round by round through real merges, sends and census nights against a real database, a real mail
server and a real gateway. Processes are killed in the middle of their work, the mail server is away for 1 to 72 hours,
the clocks of the zones change and one second comes twice. No broker is here at all: what a round does stands in rows,
so a wiped broker only means that a round rings later. CI runs three weeks; `make soak` a year
(`CASEAPP_SIMULATED_DAYS=365`), with 500 cases and 5,000 deadlines.
"""

import datetime as dt
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.accounts.roster import Colleague
from caseapp.casework import reminding
from caseapp.cli.embedded import free_port
from caseapp.cli.testing import acting_as
from caseapp.deadlines.records import Deadline
from caseapp.lib import clock
from caseapp.reminders import channels, claims, delivery, heartbeat, outbox, plan, watchdog
from caseapp.reminders.channels import Way, Ways
from caseapp.reminders.choices import GATHERED, MORNING
from caseapp.reminders.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office
from tests.post import Box
from tests.reminders.gateway import Gateway, gateway

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = int(os.environ.get("CASEAPP_SIMULATED_DAYS", "21"))
CASES = 500 if DAYS >= 365 else 40
A_CASE = 10  # deadlines
STEP = dt.timedelta(hours=3)
START = dt.datetime(2027, 3, 8, 1, 30, tzinfo=dt.UTC)  # six days before clocks change in the US, twenty before Europe
END = START + dt.timedelta(days=DAYS)
ORG = UUID(int=0x2027)
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/Madrid", "Asia/Kathmandu",
         "Pacific/Auckland")  # fmt: skip
PEOPLE = [UUID(int=0x20270 + number) for number in range(20)]
ADMINS, SUPERVISORS = PEOPLE[:2], PEOPLE[2:4]
TEAM = tuple(
    Colleague(
        member_id=who, name="-", role="supervisor" if who in SUPERVISORS else "caseworker", is_admin=who in ADMINS,
        hpke_public=b"", sign_public=b"",
    )
    for who in PEOPLE
)  # fmt: skip
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True)
class Heard:
    """A message that somebody took."""

    who: UUID
    at: dt.datetime
    mid: str


class Taking(Box):
    """The mail server, which writes down when each letter came."""

    def __init__(self, world: "World") -> None:
        super().__init__()
        self.world = world

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if answer.startswith("250") and self.letters[-1]["Subject"] == "Check your list":
            who = UUID(int=int(str(self.letters[-1]["To"]).partition("@")[0][1:]))
            self.world.heard.append(Heard(who, self.world.now, self.ids()[-1]))
        return answer


@dataclass
class Kept:
    """A deadline with its plan."""

    due: dt.date
    planned_at: dt.datetime
    series: list[Series]
    closed_at: dt.datetime | None = None


@dataclass
class World:
    """The clock, what was planned and what was heard."""

    now: dt.datetime = START
    heard: list[Heard] = field(default_factory=list)
    deadlines: list[Kept] = field(default_factory=list)
    outages: list[tuple[dt.datetime, dt.datetime]] = field(default_factory=list)
    kills: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(20270308))

    def zone(self, who: UUID) -> ZoneInfo:
        return ZoneInfo(ZONES[PEOPLE.index(who) % len(ZONES)])

    def is_away(self, moment: dt.datetime) -> bool:
        return any(begins <= moment < ends for begins, ends in self.outages)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(clock, "now", lambda: made.now)
    monkeypatch.setattr(plan, "_ring", lambda: None)
    monkeypatch.setattr(claims, "LEASE", 0.5)
    at = START
    while at < END:
        at += dt.timedelta(hours=made.chance.randrange(24, 24 * 10))
        made.outages.append((at, at + dt.timedelta(hours=made.chance.randrange(1, 73))))
    return made


@contextmanager
def _mail(world: World, settings: Settings) -> Generator[Taking]:
    box = Taking(world)
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    try:
        yield box
    finally:
        controller.stop()


def _people(world: World, phone: Gateway) -> None:
    with office(ORG):
        for number, who in enumerate(PEOPLE):
            channels.set_address(
                ORG, who, address=f"m{who.int}@office.test", language="en", zone=world.zone(who).key,
                admin=who in ADMINS, supervisor=who in SUPERVISORS,
            )  # fmt: skip
            others = (Way(kind="text", address=phone.address(str(who.int)), shown="json"),) if number % 3 == 0 else ()
            quiet = (18 * 60, 9 * 60) if number % 4 == 1 else None if number % 4 == 2 else (20 * 60, 7 * 60)
            digest = number % 5 if number % 6 == 5 else None
            chosen = {"others": others, "quiet": quiet, "digest": digest}
            channels.change(ORG, who, partial(_chosen, chosen))


def _chosen(chosen: dict[str, Any], ways: Ways) -> Ways:
    return replace(ways, **chosen)


def _a_case(world: World) -> None:
    """Ten deadlines of a case, saved as one."""
    lead = world.chance.choice(PEOPLE)
    kept = []
    for _ in range(A_CASE):
        due = (world.now + dt.timedelta(days=world.chance.randrange(1, 60))).date()
        severity = world.chance.choice(("fatal", "serious", "serious", "routine"))
        deadline = Deadline(what="-", severity=severity, due_on=due, owner=world.chance.choice(PEOPLE))
        planned = reminding.deadline_plan(deadline, lead, TEAM, world.now.date())
        series = [Series(primitives.new_key()[:16], p.member, p.days, frozenset(p.urgent_days)) for p in planned]
        kept.append(Kept(due, world.now, series))
    with office(ORG):
        plan.write(ORG, [one for deadline in kept for one in deadline.series], [])
    world.deadlines += kept


def _some_are_done(world: World) -> None:
    for deadline in world.deadlines:
        if deadline.closed_at is None and world.chance.random() < 0.004:
            with office(ORG):
                plan.write(ORG, [], deadline.series)
            deadline.closed_at = world.now


def _round(world: World) -> None:
    if world.chance.random() < 0.15:
        _killed(world)
    with acting_as("clock"):
        outbox.merge()
        delivery.send_due()


def _killed(world: World) -> None:
    """Two workers at once, each ended somewhere in the middle."""
    connections.close_all()
    children = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            with acting_as("clock"):
                while True:
                    outbox.merge()
                    delivery.send_due()
        children.append(pid)
    time.sleep(world.chance.uniform(0.01, 0.12))
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    world.kills += len(children)
    with acting_as("clock"), connection.cursor() as cursor:  # as if the next round came a lease later
        cursor.execute("UPDATE reminders_channel SET leased_until = NULL, lease = NULL")


def _live(world: World, box: Taking, phone: Gateway) -> None:
    cases, seen = 0, 0
    rounds = int((END - START) / STEP)
    for number in range(rounds):
        world.now = START + number * STEP
        if world.now.hour == 22 and (world.now.month, world.now.day) in {(6, 30), (12, 31)}:
            world.now = world.now.replace(hour=23, minute=59, second=59)  # and once more: a leap second
            _round(world)
        box.refuse = world.is_away(world.now)
        phone.status = 503 if world.is_away(world.now - 12 * HOUR) and world.is_away(world.now) else 200
        while cases < CASES * min(1.0, (number + 1) / (rounds * 0.7)):
            _a_case(world)
            cases += 1
        _some_are_done(world)
        _round(world)
        for path, _, body in phone.taken[seen:]:
            assert "Please check your list today." in body or "did not arrive" in body
            if "check your list" in body:
                world.heard.append(Heard(UUID(int=int(path.rpartition("/")[2])), world.now, ""))
        seen = len(phone.taken)
        if world.now.hour in {1, 2, 3}:
            with acting_as("clock"):
                watchdog.housekeeping()


def _fires(world: World) -> dict[UUID, list[tuple[dt.date, bool, Kept]]]:
    found: dict[UUID, list[tuple[dt.date, bool, Kept]]] = defaultdict(list)
    for deadline in world.deadlines:
        for series in deadline.series:
            for day in series.days:
                found[series.member].append((day, day in series.urgent_days, deadline))
    return found


def _never_silent(world: World) -> tuple[int, int]:
    """(planned reminders looked at, those told to somebody else in place) of all whose time has come."""
    heard: dict[UUID, list[dt.datetime]] = defaultdict(list)
    for one in world.heard:
        heard[one.who].append(one.at)
    looked = escalated = 0
    for who, fires in _fires(world).items():
        for day, _, deadline in fires:
            opens = dt.datetime.combine(day, dt.time(MORNING), world.zone(who))
            opens = max(opens, deadline.planned_at)
            limit = opens + GATHERED + DAY + _away_around(world, opens)
            if limit > END - DAY or (deadline.closed_at is not None and deadline.closed_at < opens):
                continue
            looked += 1
            told = [at for at in heard[who] if opens <= at <= limit]
            assert told, f"nobody told {PEOPLE.index(who)} of {day}: {opens} to {limit}"
            ends = dt.datetime.combine(deadline.due + DAY, dt.time(), world.zone(who))
            if day <= deadline.due and told[0] >= ends and deadline.planned_at < ends - DAY:
                others = {s.member for s in deadline.series} - {who}
                assert any(at >= opens for other in others for at in heard[other]), "told too late and nobody else"
                assert any(begins < ends and told[0] >= begins for begins, _ in world.outages), "late without a cause"
                escalated += 1
    return looked, escalated


def _away_around(world: World, opens: dt.datetime) -> dt.timedelta:
    """How long the mail server was away in the days after this moment."""
    around = [ends - begins for begins, ends in world.outages if begins < opens + 4 * DAY and ends > opens]
    return sum(around, dt.timedelta())


def _never_twice(world: World) -> int:
    """How often a message came again after a kill; raises where one came again without."""
    repeats = sum(times - 1 for times in Counter(one.mid for one in world.heard if one.mid).values())
    a_day: Counter[tuple[UUID, dt.date]] = Counter()
    for mid_or_time, who, day in {
        (one.mid or str(one.at), one.who, one.at.astimezone(world.zone(one.who)).date()) for one in world.heard
    }:
        assert mid_or_time
        a_day[who, day] += 1
    more = sum(times - 2 for times in a_day.values() if times > 2)  # the day's, and one more for something urgent
    assert repeats + more <= world.kills
    return repeats + more


def _never_at_night(world: World) -> None:
    with office(ORG):
        ways = {one.member_id: one.ways for one in channels.of_office(ORG)}
    fires = _fires(world)
    for one in world.heard:
        local = one.at.astimezone(world.zone(one.who))
        assert local.hour >= MORNING, local
        if ways[one.who].is_quiet(local.hour * 60 + local.minute):
            ago = [local.date() - day for day, urgent, _ in fires[one.who] if urgent]
            near = [days for days in ago if dt.timedelta() <= days <= 9 * DAY]
            assert near, f"woken for nothing at {local}"


def test_everybody_is_told_in_time_once_and_not_at_night(world: World, settings: Settings) -> None:
    with gateway() as phone, _mail(world, settings) as box:
        _people(world, phone)
        _live(world, box, phone)
    looked, escalated = _never_silent(world)
    repeats = _never_twice(world)
    _never_at_night(world)
    assert "missing" not in heartbeat.seen(), "the census found every row every night"
    away = sum((ends - begins for begins, ends in world.outages), dt.timedelta())
    print(
        f"{DAYS} days, {len(world.deadlines)} deadlines, {looked} reminders due, {len(world.heard)} messages,"
        f" {escalated} told to others in an outage, {world.kills} kills, {repeats} repeats, mail away {away}"
    )
    assert looked > 20 * DAYS
    assert world.kills > DAYS / 2
