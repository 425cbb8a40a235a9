"""`caseapp bench reminders`: members claimed, notified and marked a second, against the plainest equivalent SQL.

A million waiting fire rows are in a separate schema, created and dropped here, so the database role must be the owner;
no real reminder is touched. Ours is `rounds.send_due` as the worker runs it, with a mail server that accepts everything
at once. The peer knows no key, no zone and no channel: on rows and indexes like ours, with the day in plaintext, one
statement claims a row with SKIP LOCKED, marks it, writes a log line like ours and commits, which is the minimum for
neither losing nor repeating a message. Both are measured in turn, each on its own rows, and every process has its own
connection.
"""

import datetime as dt
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from uuid import UUID, uuid4

from django.db import connection, connections

from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.queries import day_lookup
from caseapp.reminders.recipients import RecipientSettings
from caseapp.reminders.sending import rounds
from caseapp.reminders.sending.smtp import MailConnection
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives

SCHEMA = "bench_reminders"
SLICES = 6  # three for one worker, three for two
OFFICES, MEMBERS = 42, 80  # in each slice
DAYS = 50  # fire rows a member
GOAL = 0.5


class _AcceptingServer(MailConnection):
    """A mail server that accepts everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Keep the Message-ID."""
        self.kept.append(message_id)


def run() -> list[dict[str, object]]:
    """Return the rows a second with one and with two workers, and how many messages went out twice or never."""
    real = clock.now
    noon = real().astimezone(dt.UTC).replace(hour=12)
    clock.now = lambda: noon  # every member's morning has begun
    rates: dict[tuple[str, int], list[float]] = {}
    sent_ids: list[str] = []
    try:
        with _filled_schema(noon.date()):
            for number in range(SLICES):
                workers = 1 if number % 2 == 0 else 2
                for name, work in (("ours", _send_ours), ("peer", _send_by_plain_sql)):
                    rate, ids = _measure_workers(work, workers, number)
                    rates.setdefault((name, workers), []).append(rate)
                    sent_ids += ids if name == "ours" else []
    finally:
        clock.now = real
    figures = [_rate_figure(workers, rates["ours", workers], rates["peer", workers]) for workers in (1, 2)]
    return [*figures, _duplicates_figure(sent_ids)]


def _rate_figure(workers: int, ours: list[float], peer: list[float]) -> dict[str, object]:
    ratio = median(ours) / median(peer)
    return {
        "name": f"claimed and handed over, {workers} worker{'s' if workers > 1 else ''}",
        "unit": "rows/s",
        "better": "higher",
        "ours": median(ours),
        "peer": median(peer),
        "peer_name": "plain SQL, one statement a row",
        "ratio": ratio,
        "goal": GOAL,
        "met": ratio >= GOAL,
    }


def _duplicates_figure(sent_ids: list[str]) -> dict[str, object]:
    doubled = sum(times - 1 for times in Counter(sent_ids).values())
    expected = SLICES * OFFICES * MEMBERS
    return {
        "name": f"told twice or never, of {expected}",
        "unit": "rows",
        "better": "lower",
        "ours": float(doubled + expected - len(set(sent_ids))),
        "peer": float(expected),
        "peer_name": "members to be told",
        "ratio": (doubled + expected - len(set(sent_ids))) / expected,
        "goal": 0.0,
        "met": doubled == 0 and len(set(sent_ids)) == expected,
    }


def _org_id(number: int, office: int) -> UUID:
    return UUID(int=(0xBE << 112) + (number << 16) + office)


@contextmanager
def _filled_schema(today: dt.date) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in ("fire", "channel", "delivery", "heartbeat", "waiting_mail"):
            cursor.execute(f"CREATE TABLE {SCHEMA}.reminders_{table} (LIKE public.reminders_{table} INCLUDING ALL)")
        cursor.execute(f"CREATE TABLE {SCHEMA}.everybody (slice int, LIKE public.reminders_channel)")
        like_fire = f"(LIKE {SCHEMA}.reminders_fire INCLUDING ALL, slice int, due_on date)"
        cursor.execute(f"CREATE TABLE {SCHEMA}.plain {like_fire}")
        for table in ("plain", "reminders_fire"):
            cursor.execute(f"ALTER TABLE {SCHEMA}.{table} SET (fillfactor = 85)")  # LIKE does not copy it
        cursor.execute(f"CREATE TABLE {SCHEMA}.plain_log (LIKE {SCHEMA}.reminders_delivery INCLUDING ALL)")
    try:
        _use_schema()
        _insert_rows(today)
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX ON plain (slice, due_on) WHERE sent_on IS NULL")
            cursor.execute("VACUUM ANALYZE reminders_fire")
            cursor.execute("VACUUM ANALYZE plain")
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = public")
            cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def _use_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path = {SCHEMA}")


def _insert_rows(today: dt.date) -> None:
    """Insert rows like the real ones. Rows that are not due are never opened, so random bytes of their length do."""
    key = server_keys.operational_key()
    size = len(operational.seal_fire(key, UUID(int=0), UUID(int=0), operational.ReminderDay(UUID(int=0), 0)))
    fires, people, plain = [], [], []
    for number in range(SLICES):
        for org_id in (_org_id(number, office) for office in range(OFFICES)):
            for member in (uuid4() for _ in range(MEMBERS)):
                settings = RecipientSettings(address=f"{member.hex}@bench.invalid", quiet=None)
                people.append((number, org_id, member, recipients.seal_settings(org_id, member, settings), 0))
                fire, row = operational.ReminderDay(member, today.toordinal()), uuid4()
                fire.add_token(primitives.random_bytes(operational.TOKEN_LENGTH), urgent=False)
                fires.append(
                    (org_id, row, day_lookup(org_id, member, today), operational.seal_fire(key, org_id, row, fire))
                )
                plain.append((*fires[-1], number, today))
                for ahead in range(1, DAYS):
                    fires.append((org_id, uuid4(), os.urandom(32), os.urandom(size)))
                    plain.append((*fires[-1], number, today + dt.timedelta(days=ahead)))
            _copy_rows("reminders_fire (org_id, id, lookup, sealed)", fires)
            _copy_rows("everybody (slice, org_id, member_id, sealed, tries)", people)
            _copy_rows("plain (org_id, id, lookup, sealed, slice, due_on)", plain)
            fires, people, plain = [], [], []


def _copy_rows(columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _measure_workers(work: Callable[[int], list[str]], workers: int, number: int) -> tuple[float, list[str]]:
    """Return the rows a second of this many processes, from first start to last end, and the ids they sent."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reminders_channel")
        cursor.execute(
            "INSERT INTO reminders_channel (org_id, member_id, sealed, tries)"
            " SELECT org_id, member_id, sealed, tries FROM everybody WHERE slice = %s",
            [number],
        )
        cursor.execute("VACUUM ANALYZE reminders_channel")
    connections.close_all()  # so that a child inherits no connection
    children = [_fork_worker(work, number) for _ in range(workers)]
    for _, _, go in children:
        os.write(go, b"1")
    sent_ids: list[str] = []
    began, ended = [], []
    for pid, answer, go in children:
        with os.fdopen(answer) as pipe:
            result = json.loads(pipe.read())
        os.waitpid(pid, 0)
        os.close(go)
        if "failed" in result:
            raise RuntimeError(f"a worker of the bench failed: {result['failed']}")
        began.append(result["began"])
        ended.append(result["ended"])
        sent_ids += result["told"]
    _use_schema()
    return len(sent_ids) / (max(ended) - min(began)), sent_ids


def _fork_worker(work: Callable[[int], list[str]], number: int) -> tuple[int, int, int]:
    """Fork a worker. Return its process id, the pipe of its answer, and the pipe on which it waits for the start."""
    answer, tell = os.pipe()
    wait, go = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        os.close(wait)
        return pid, answer, go
    result: dict[str, object] = {}
    try:
        _use_schema()
        os.read(wait, 1)
        began = time.monotonic()  # one clock for all processes of a machine
        sent_ids = work(number)
        result = {"began": began, "ended": time.monotonic(), "told": sent_ids}
    except Exception as exc:
        result = {"failed": type(exc).__name__}
    finally:
        with os.fdopen(tell, "w") as out:
            out.write(json.dumps(result))
        os._exit(0)


def _send_ours(number: int) -> list[str]:
    sink = _AcceptingServer()
    rounds.send_due(sink)
    return sink.kept


def _send_by_plain_sql(number: int) -> list[str]:
    sent_ids: list[str] = []
    today = clock.now().date()
    line = os.urandom(46)  # as long as a log line's member
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "WITH row AS (UPDATE plain SET sent_on = due_on WHERE (org_id, id) = (SELECT org_id, id FROM plain"
                " WHERE slice = %s AND due_on = %s AND sent_on IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING org_id, id) INSERT INTO plain_log (message_id, org_id, sealed, what, by, state, at)"
                " SELECT '<' || id || '@list.invalid>', org_id, %s, 'reminder', 'email', 'sent', now() FROM row"
                " RETURNING message_id",
                [number, today, line],
            )
            row = cursor.fetchone()
            if row is None:
                return sent_ids
            sent_ids.append(str(row[0]))
