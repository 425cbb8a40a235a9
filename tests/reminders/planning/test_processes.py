"""Several processes for real, ended with SIGKILL at random moments: no reminder is lost and none is told twice."""

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from caseapp.lib import clock
from caseapp.reminders import choices, recipients
from caseapp.reminders.planning import outbox, plan
from caseapp.reminders.planning.plan import Series
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box, post_office

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("CASEAPP_KILL_ROUNDS", "30"))
ROOT = Path(__file__).parents[3]
ORG = UUID(int=0x61)
PEOPLE = [UUID(int=0x6100 + number) for number in range(40)]
MONDAY = dt.date(2026, 12, 7)
WRITERS = 8
TRIES = 100


@pytest.fixture(autouse=True)
def _monday_at_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(MONDAY, dt.time(8), dt.UTC))
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    # No broker listens here; the bell is not what is tried.
    monkeypatch.setattr(plan, "_request_merge", lambda: None)


def _killed_again_and_again(mode: str, **more: str) -> subprocess.Popen[bytes]:
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    environment = os.environ | {
        "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "caseapp.config.settings", "TODAY": MONDAY.isoformat(),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.reminders.worker", mode, str(ROUNDS)]
    return subprocess.Popen(command, env=environment | more, cwd=ROOT)


class Writer(threading.Thread):
    """Saves without end: adds reminders, now and then withdraws an earlier one. Knows what must stand in the end."""

    def __init__(self, seed: int, stop: threading.Event) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.stop = stop
        self.kept: list[Series] = []
        self.withdrawn: list[Series] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop.wait(0.01):
                self.save()
        except Exception as exc:
            self.failure = exc
        finally:
            connection.close()

    def save(self) -> None:
        day = MONDAY + dt.timedelta(days=self.chance.randrange(1, 6))
        new = Series(primitives.new_key()[:16], self.chance.choice(PEOPLE[:4]), (day,), frozenset())
        old = [self.kept[self.chance.randrange(len(self.kept))]] if self.kept and self.chance.random() < 0.3 else []
        with office_transaction(ORG):
            plan.write(ORG, [new], old)
        self.kept = [series for series in self.kept if series not in old] + [new]
        self.withdrawn += old


class Dump(threading.Thread):
    """Holds ACCESS SHARE on both sides, again and again for a while, as a pg_dump does."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop
        at = connection.get_connection_params()
        self.address = {key: at[key] for key in ("host", "port", "user", "password", "dbname") if at.get(key)}

    def run(self) -> None:
        with psycopg.connect(**self.address) as held:
            while not self.stop.wait(0.1):
                held.execute("LOCK TABLE reminders_plan_a, reminders_plan_b IN ACCESS SHARE MODE")
                self.stop.wait(0.4)
                held.rollback()


def _tokens_standing() -> dict[tuple[UUID, dt.date], operational.ReminderDay]:
    found = {}
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM reminders_fire")
        for row_id, sealed in cursor.fetchall():
            fire = operational.open_fire(server_keys.operational_key(), ORG, row_id, bytes(sealed))
            place = (fire.member, dt.date.fromordinal(fire.day))
            assert place not in found, "two rows for one member and day"
            found[place] = fire
    return found


def _merge_to_the_end() -> None:
    # What a killed process held is free only when the database has noticed its end.
    for _ in range(TRIES):
        with acting_as("clock"), connection.cursor() as cursor:
            outbox.merge()
            cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("plans are left in the outbox")


def test_eight_writers_a_dump_and_a_merger_killed_again_and_again_lose_and_double_nothing() -> None:
    stop = threading.Event()
    writers = [Writer(number, stop) for number in range(WRITERS)]
    threads: list[threading.Thread] = [*writers, Dump(stop)]
    merger = _killed_again_and_again("merge")
    for thread in threads:
        thread.start()
    assert merger.wait(timeout=240) == 0
    stop.set()
    for thread in threads:
        thread.join()
    assert [writer.failure for writer in writers if writer.failure] == []
    _merge_to_the_end()
    standing = _tokens_standing()
    kept = [series for writer in writers for series in writer.kept]
    withdrawn = [series for writer in writers for series in writer.withdrawn]
    assert len(kept) > ROUNDS
    assert withdrawn
    for series in kept:
        assert standing[series.member, series.days[0]].has_token(series.token_for(series.days[0]))
    for series in withdrawn:
        place = standing.get((series.member, series.days[0]))
        assert place is None or not place.has_token(series.token_for(series.days[0]))
    assert sum(fire.used for fire in standing.values()) <= len(kept) + len(withdrawn), "a token took two places"


def _forty_to_be_reminded() -> None:
    with office_transaction(ORG):
        for member in PEOPLE:
            recipients.set_address(
                ORG, member, address=f"m{member.int}@office.test", language="fr", zone="UTC", admin=False
            )
        plan.write(ORG, [Series(primitives.new_key()[:16], member, (MONDAY,), frozenset()) for member in PEOPLE], [])
    _merge_to_the_end()


def _all_sent(settings: object, box: Box) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port  # type: ignore[attr-defined]
    for _ in range(TRIES):
        with acting_as("clock"), connection.cursor() as cursor:
            rounds.send_due()
            cursor.execute("SELECT count(*) FROM reminders_fire WHERE sent_on IS NULL")
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("days are left unsent")


def test_two_senders_killed_again_and_again_reach_everybody_under_one_message_id_each(settings: object) -> None:
    _forty_to_be_reminded()
    with post_office() as box:
        sender = _killed_again_and_again("send", SMTP_URL=f"smtp://127.0.0.1:{box.port}")
        assert sender.wait(timeout=240) == 0
        _all_sent(settings, box)
        told = Counter(str(letter["To"]) for letter in box.letters)
        ids = Counter(box.ids())
    print(f"{len(box.letters) - len(ids)} repeats of {len(ids)} messages in {ROUNDS} kills of two senders")
    assert set(told) == {f"m{member.int}@office.test" for member in PEOPLE}
    assert len(ids) == len(PEOPLE), "a repeat carries the Message-ID of the first"


def test_two_senders_at_once_send_each_message_once(settings: object) -> None:
    _forty_to_be_reminded()
    with post_office() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port  # type: ignore[attr-defined]
        together = threading.Barrier(2)
        senders = [threading.Thread(target=_send_with, args=(together,)) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        _all_sent(settings, box)
        assert sorted(Counter(box.ids()).values()) == [1] * len(PEOPLE)


def _send_with(together: threading.Barrier) -> None:
    try:
        with acting_as("clock"):
            together.wait()
            rounds.send_due()
    finally:
        connection.close()
