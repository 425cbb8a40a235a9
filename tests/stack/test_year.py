"""A year of a whole running Caseapp: web, worker, clock, PostgreSQL and queue, with everything that goes wrong.

20 members of two offices, one in the United States and one in France, in six zones work through pages, each on some
days: they enter dates and record events of the catalogue. The clock is driven in steps of three hours and the bell rung
through the queue, since a real year is too long. Processes are killed with SIGKILL, the queue is wiped with them, the
mail server is away for 1 to 72 hours and the gateway for up to a day, clocks change and one second comes twice. CI runs
ten days with some of the events; `make soak` a year with 500 cases, 5,000 dates and every event with each rule that it
starts (`CASEAPP_YEAR_DAYS=365`).
"""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from caseapp import rules
from caseapp.tools.pytest_plugin import data_folder, running_stack
from tests.helpers import moved_clock
from tests.helpers.smtp import post_office
from tests.helpers.visitor import Visitor, recovery_code
from tests.reminders.gateway import Gateway, gateway
from tests.stack import year_end, year_events, year_world
from tests.stack.conftest import Office
from tests.stack.year_events import Dated, Play
from tests.stack.year_world import DAY, FRENCH, HOUR, Heard, Kept, Person, World

pytestmark = pytest.mark.stack
DAYS = int(os.environ.get("CASEAPP_YEAR_DAYS", "10"))
CASES = 500 if DAYS >= 365 else DAYS * 2
A_CASE, WITH_EVENT = 10, 7  # dates entered in a case; fewer where an event is recorded too
FOUND = re.compile(r'href="(/deadlines/[0-9a-f-]{36}/)"')
KILLED = 0.03 if DAYS >= 365 else 0.08  # of the rounds: each costs the seconds in which a process comes back
STEP = 3 * HOUR
START = dt.datetime(2027, 3, 8, 1, 30, tzinfo=dt.UTC)  # six days before clocks change in the US, twenty before Europe
ROOT = Path(__file__).parents[2]
WORDS = "harbor candle orchard violet meadow lantern"
CLIENT, OTHER_CLIENT, A_NUMBER = "Zarmina Qaderdan", "Tesfaye Wolde-Bekele", "000-417-962"
WHAT = "Brief against removal"
DATED = re.compile(r'<a href="(/deadlines/[0-9a-f-]{36}/)">' + WHAT + r" (\d+)</a>")
DAYS_TEXTS = (
    "Please sign in as usual", "Inicie sesión como de costumbre", "Connectez-vous comme d'habitude",
    "Please check your list today.", "Revise su lista hoy.", "Consultez votre liste aujourd'hui.",
)  # fmt: skip
AGAIN_TEXTS = ("Your list has not been checked", "Su lista no ha sido revisada", "Votre liste n'a pas été consultée")
VICTIMS = ("worker", "worker", "beat", "valkey", "postgres", "web")


def _what(text: str) -> str:
    plain = " ".join(text.split())
    if any(known_text in plain for known_text in AGAIN_TEXTS):
        return "again"
    return "day" if any(known_text in plain for known_text in DAYS_TEXTS) else "other"


class Year:
    """The running offices, what is known of them, and a browser for each member."""

    def __init__(self, office: Office, world: World, phone: Gateway) -> None:
        self.office, self.world, self.phone = office, world, phone
        self.now = START
        self.letters = self.texts = 0
        self.visitors: dict[int, Visitor] = {}
        self.plays = {pack: year_events.plays_of(pack, world.chance) for pack in year_events.ZONES}
        self.started: list[tuple[list[str], list[Kept]]] = []  # deadlines of each event, and what is expected of them
        self.database: psycopg.Connection[tuple[Any, ...]] | None = None
        self.words: dict[str, str] = {}  # of the founders, by e-mail
        self.ids: dict[str, str] = {}  # of the members, by e-mail
        self.queue = Celery(broker=str(office.stack.read_state()["urls"]["broker"]))

    def go(self, moment: dt.datetime) -> None:
        self._wait_for_senders()
        self.office.set_clock(moment)
        # Beat rings rounds of its own: what came since, also from one that began just now, belongs to the time before.
        self._wait_for_senders()
        self._listen()
        self.now = moment

    def _wait_for_senders(self) -> None:
        """Wait while a round is sending: on a slow machine its messages would come at the next time of this clock."""
        give_up = time.monotonic() + 30
        sending = "SELECT count(*) FROM reminders_channel WHERE lease IS NOT NULL"
        while self.ask(sending) not in ([(0,)], []) and time.monotonic() < give_up:
            time.sleep(0.05)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """A statement as superuser; [] while the database is down. One connection is kept: it is asked all the time."""
        with suppress(psycopg.Error):
            if self.database is None or self.database.closed:
                self.database = psycopg.connect(self.office.everything, autocommit=True)
            cursor = self.database.execute(statement)
            return cursor.fetchall() if cursor.description else []
        return []

    def ring(self, task: str) -> None:
        with suppress(OperationalError, OSError):  # the queue is down just now: rung again
            self.queue.send_task(f"reminders.{task}", retry=False)

    def rung(self, task: str, done: str) -> None:
        """Ring until it was done since the clock was set. `done`: a statement that answers when it last was."""
        give_up = time.monotonic() + 120
        again = 0.0
        while not any(at is not None and self.now <= at < self.now + HOUR for (at,) in self.ask(done)):
            assert time.monotonic() < give_up, f"{task} was not done at {self.now}"
            if time.monotonic() > again:
                self.ring(task)
                again = time.monotonic() + 4
            time.sleep(0.02)

    def round(self) -> None:
        self.rung("merge_plans", "SELECT merged_at FROM reminders_outbox_state")
        self.rung("send_due", "SELECT at FROM reminders_heartbeat WHERE name = 'claim'")
        self._listen()

    def _listen(self) -> None:
        """Letters and texts that came since, with the time they came at. A kill may lose our place in the minute."""
        letters, texts = list(self.office.box.letters), list(self.phone.taken)
        for letter in letters[self.letters :]:
            who = int(str(letter["To"]).partition("@")[0][1:])
            self._heard(who, _what(str(letter.get_content())), str(letter["Message-ID"]))
        for path, _, body in texts[self.texts :]:
            self._heard(int(path.rpartition("/")[2]), _what(json.loads(body)["message"]), "")
        self.letters, self.texts = len(letters), len(texts)

    def _heard(self, who: int, what: str, mid: str) -> None:
        self.world.heard.append(Heard(who, self.now, what, mid))

    def kill(self) -> None:
        """kill -9 of one process in the middle of a round; a dead queue takes everything in it along."""
        victim = self.world.chance.choice(VICTIMS)
        self.ring("merge_plans")
        self.ring("send_due")
        time.sleep(self.world.chance.uniform(0, 0.15))
        pid = self.office.stack.pid_of(victim)
        with suppress(ProcessLookupError):
            os.kill(pid or 2**22, signal.SIGKILL)
            self.world.kills[victim] += 1
            self.world.killed_at.append(self.now)
        _until(lambda: self.office.stack.pid_of(victim) not in (0, pid))
        # As if the next round came a minute later: a dead worker's leases are over by then.
        _until(lambda: bool(self.ask("SELECT 1")))
        _until(lambda: self._has_no_lease())

    def _has_no_lease(self) -> bool:
        self.ask("UPDATE reminders_channel SET lease = NULL, leased_until = NULL")
        return self.ask("SELECT count(*) FROM reminders_channel WHERE lease IS NOT NULL") == [(0,)]

    def sign_in(self, person: Person) -> Visitor:
        """At the door, as on any morning; the first time with a recovery code to type back."""
        visitor = Visitor(int(self.office.stack.read_state()["ports"]["web"]))
        visitor.get("/sign-in/")
        answer = visitor.post("/sign-in/", {"email": person.email, "passphrase": WORDS})
        assert answer.status == 303, answer.text
        if visitor.get("/").location.endswith("/setup/recovery/"):
            sheet = visitor.get("/setup/recovery/")
            typed = {"proof": sheet.hidden()["proof"], "typed": recovery_code(sheet)}
            assert visitor.post("/setup/recovery/", typed).status == 303
        assert visitor.get("/").status == 200
        self.world.looks.append((person.office, self.now))
        return visitor

    def work(self, person: Person, new_cases: int) -> None:
        """A day's work: look at Today, mark done what is done, take new cases with their deadlines."""
        visitor = self.sign_in(person)
        for kept in self.world.deadlines:
            is_near = kept.href and not kept.closed_at and kept.due - self.now.date() <= 4 * DAY
            if kept.lead == person.number and is_near and self.world.chance.random() < 0.7:
                self._done(visitor, kept.href)
                kept.closed_at = self.now
        self._close_events(visitor, person)
        for _ in range(new_cases):
            self._new_case(visitor, person)

    def _close_events(self, visitor: Visitor, person: Person) -> None:
        """Mark done what events started, once each of their dates has been announced and is over."""
        for links, dates in self.started:
            is_over = all(kept.due + 4 * DAY < self.now.date() for kept in dates)
            if dates[0].lead == person.number and is_over and not dates[0].closed_at:
                for href in links:
                    self._done(visitor, href)
                for kept in dates:
                    kept.closed_at = self.now

    def _done(self, visitor: Visitor, href: str) -> None:
        page = visitor.get(href)
        told = {"act": "done", "version": page.hidden()["version"], "note": "Filed over the portal."}
        answer = visitor.post(href, told)
        assert answer.status == 303, answer.text

    def _new_case(self, visitor: Visitor, person: Person) -> None:
        name = self.world.chance.choice((CLIENT, OTHER_CLIENT))
        case = visitor.new_case(name, a_number=A_NUMBER, careful="Her uncle Bashirullah must not know.")
        today = self.now.astimezone(person.zone).date()
        play = self._next_play(person, today)
        added: list[Kept] = []
        for _ in range(WITH_EVENT if play else A_CASE):
            due = self.now.date() + self.world.chance.randrange(1, 60) * DAY
            severity = self.world.chance.choice(("fatal", "serious", "serious", "routine"))
            number = len(self.world.deadlines) + len(added)
            boxes = {"due_on_day": str(due.day), "due_on_month": str(due.month), "due_on_year": str(due.year)}
            told = {"what": f"{WHAT} {number}", "severity": severity, "reason": "Order of the judge", **boxes}
            answer = visitor.post(f"{case}deadlines/new/", told)
            assert answer.status == 303, answer.text
            added.append(self._kept(f"{WHAT} {number}", Dated(due, severity), person, today))
        expected = self._record(visitor, case, play, person) if play else []
        page = visitor.get_all_pages(f"{case}all/deadlines/")
        links = {f"{WHAT} {number}": href for href, number in DATED.findall(page)}
        for kept in added:
            kept.href = links[kept.what]
        self.world.deadlines += added + expected
        if play:
            started = sorted({*FOUND.findall(page)} - {*links.values()})
            wanted = [kept.rule for kept in expected if kept.rule]
            assert len(started) == len(wanted), f"{play.event.id} started {len(started)} deadlines, not {wanted}"
            self.started.append((started, expected))

    def _next_play(self, person: Person, today: dt.date) -> Play | None:
        plays = self.plays[person.office]
        if not plays:
            return None
        ahead = self.world.chance.randrange(1, 35)
        return year_events.aimed_play(*plays.popleft(), person.office, today, ahead)

    def _record(self, visitor: Visitor, case: str, play: Play, person: Person) -> list[Kept]:
        """Record the event on its page; answers what it must start, with the hearing that it books."""
        year_events.type_event(visitor, case, play)
        dates = play.deadlines()
        if play.event.booking:
            dates.append(Dated(play.on, "hearing"))
        return [
            self._kept(f"{dated.rule or 'hearing'} by {play.event.id}", dated, person, play.today) for dated in dates
        ]

    def _kept(self, what: str, dated: Dated, person: Person, today: dt.date) -> Kept:
        fires = self.world.expect(dated, person.number, today)
        return Kept(
            what,
            dated.due,
            dated.severity,
            person.number,
            self.now,
            fires,
            rule=dated.rule,
            is_watch=dated.duty == "watch",
        )


def _until(done: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, "it did not come about in time"
        time.sleep(0.05)


@pytest.fixture
def year() -> Generator[Year]:
    world = World(START, DAYS, year_world.offices())
    with data_folder() as root, post_office() as box, gateway() as phone:
        clock_file = root.with_name("clock")
        moved_clock.set_offset(clock_file, START - dt.datetime.now(dt.UTC))
        settings = {
            "SMTP_URL": f"smtp://127.0.0.1:{box.port}", "CASEAPP_CLOCK_FILE": str(clock_file),
            "MAIL_FROM": "list@office.test", "CASEAPP_CASES_AN_HOUR": "10000",
            "GATEWAY_HOSTS": f"127.0.0.1:{phone.server.server_port}",
        }  # fmt: skip
        with running_stack(root, **settings) as stack:
            visitor = Visitor(int(stack.read_state()["ports"]["web"]), stack.setup_code)
            office = Office(stack, box, clock_file, visitor, shift=START - dt.datetime.now(dt.UTC))
            made = Year(office, world, phone)
            _settle(made)
            yield made
            if made.database is not None:
                made.database.close()


def _settle(year: Year) -> None:
    """The founders set their offices up; colleagues are let in, with their zones, telephones and hours."""
    office, people = year.office, year.world.people
    words = office.visitor.found_office(email=people[0].email)
    office.visitor.set_up_recovery()
    settlers = [
        {
            "name": f"Member {p.number}", "email": p.email, "role": p.role, "zone": p.zone.key, "language": p.language,
            "words": WORDS, "is_admin": p.is_admin, "quiet": p.quiet, "digest": p.digest,
            "phone": year.phone.address(str(p.number)) if p.has_phone else "", "founds": p.number == FRENCH[0],
            "founder": people[FRENCH[0]].email if p.number in FRENCH else people[0].email,
        }
        for p in people[1:]
    ]  # fmt: skip
    known = year.words = {people[0].email: words, people[FRENCH[0]].email: WORDS}
    if DAYS > 14:  # an office that is younger than that needs no recovery sheets; they are made before it has members
        _let_in(year, [settler for settler in settlers if settler["founds"]], known)
        year.sign_in(people[FRENCH[0]]).set_up_recovery()
        settlers = [settler for settler in settlers if not settler["founds"]]
    _let_in(year, settlers, known)


def _let_in(year: Year, settlers: list[dict[str, Any]], words: dict[str, str]) -> None:
    office = year.office
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"words": words, "settlers": settlers}, file)
        file.flush()
        command = [sys.executable, "-m", "tests.stack.settle", file.name]
        let_in = subprocess.run(
            command, env=year_end.as_web(office), cwd=ROOT, check=True, capture_output=True, text=True
        )
    year.ids |= json.loads(let_in.stdout)


def _live(year: Year) -> None:
    world, rounds = year.world, int(DAYS * DAY / STEP)
    working = [person for person in world.people if not person.is_admin]
    taken = days = 0
    for number in range(rounds):
        moment = START + number * STEP
        if moment.hour == 22 and (moment.month, moment.day) in {(6, 30), (12, 31)}:
            year.go(moment.replace(hour=23, minute=59, second=59))  # and once more in three hours' turn: a leap second
            year.round()
            moment = moment.replace(hour=23, minute=59, second=59)
        year.go(moment)
        year.office.box.refuse = year_world.is_out(world.mail_out, moment)
        year.phone.status = 503 if year_world.is_out(world.phone_out, moment) else 200
        if moment.hour == 16:
            days += 1
            wanted = int(CASES * min(1.0, days / (DAYS * 0.7)))
            _at_work(year, working[days % len(working)], wanted - taken)
            taken = max(wanted, taken)
        if world.chance.random() < KILLED:
            year.kill()
        year.round()
        if moment.hour in {1, 13}:
            for task in ("self_test", "housekeeping", "tell_behind"):
                year.ring(task)


def _at_work(year: Year, person: Person, new_cases: int) -> None:
    _until(lambda: _answers(year.office.visitor))
    time.sleep(0.5)  # what a killed web process left behind has given the port back by then
    _until(lambda: _answers(year.office.visitor))
    year.work(person, new_cases)


def _answers(visitor: Visitor) -> bool:
    with suppress(OSError, HTTPException):
        return visitor.get("/healthz").status == 200
    return False


def test_a_year_of_a_whole_office(year: Year) -> None:
    began = time.time()
    _live(year)
    world = year.world
    looked, escalated = year_world.never_silent(world)
    repeats = year_world.never_twice(world)
    year_world.never_at_night(world)
    needles = {"client": CLIENT, "other": OTHER_CLIENT, "number": A_NUMBER, "uncle": "Bashirullah", "what": WHAT,
               "reason": "Order of the judge"}  # fmt: skip
    texts = [f"{path}\n{headers}\n{body}" for path, headers, body in year.phone.taken]
    year_end.letters_tell_nothing(year.office, texts, needles, began)
    assert year.ask("SELECT at FROM reminders_heartbeat WHERE name = 'missing'") == [], "every row every night"
    if DAYS >= 365:
        admin, gone = world.people[0].email, world.people[-1].email
        year.go(world.end)
        ending = year_end.Ending(admin, year.words[admin], gone, year.ids[gone], WORDS)
        year_end.drill_after_endings(year.office, ending, world.end)
    out = sum((ends - begins for begins, ends in world.mail_out), dt.timedelta())
    kinds = {what: sum(one.what == what for one in world.heard) for what in ("day", "again", "other")}
    print(
        f"{DAYS} days: {len(world.deadlines)} dates, {len(year.started)} events, {len(world.fired - {''})} rules,"
        f" {looked} reminders due, messages {kinds}, {escalated} told to"
        f" others in an outage, kills {dict(world.kills)}, {repeats} repeats, mail away {out}"
    )
    assert looked > 5 * DAYS
    assert sum(world.kills.values()) > DAYS * DAY / STEP * KILLED / 2
    assert {"day", "again"} <= {one.what for one in world.heard}
    if DAYS >= 365:
        assert not any(year.plays.values()), "every event was recorded"
        assert world.fired - {""} == {rule.id for rule in rules.standard().newest_rules()}, "every rule reminded"
