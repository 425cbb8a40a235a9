"""Merging plans into fire rows, apart from the saves that made them: switch sides, drain the old one, truncate it.

Shared decisions, "Reminders" 14. Each step is a transaction of its own; a crash between any two loses and doubles
nothing. A drained side stays marked until it is truncated (a running dump may hold it) and is not drained again: a
token withdrawn since would come back.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from datetime import date
from functools import cache
from uuid import UUID, uuid4

import msgspec
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from caseapp.lib import clock
from caseapp.reminders import queries
from caseapp.reminders.planning import plan, reassignment
from caseapp.reminders.planning.plan import OUTBOX_LOCK, SIDES
from caseapp.reminders.queries import lookup
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

_Place = tuple[UUID, UUID, date]  # office, member, day
_Adds = defaultdict[_Place, dict[bytes, bool]]
_Gone = defaultdict[_Place, set[bytes]]
_Seen = defaultdict[UUID, set[str]]  # by office, Message-IDs
_Write = tuple[UUID, UUID, bytes, bytes, bool]  # office, row, lookup, sealed, whether the day fires again
_OTHER = {"a": "b", "b": "a"}
MOST, STEPS = 5000, 12  # waiting rows of an office put in anew with each change of it
REWRITTEN_AT_ONCE = 2000
_shuffle = random.SystemRandom()
log = logging.getLogger("caseapp.reminders")
_Row = tuple[UUID, UUID, bytes, bytes, bool]  # office, row, lookup, sealed, whether it is to fire (again)


def merge() -> int:
    """Bring all committed plans into fire rows; answers how many plans were read. 0 beside another runner."""
    state = _state()
    if state is None:
        return 0
    active, drained = state
    old = _OTHER[active]
    done = 0
    if not drained and _is_used(old):  # an earlier runner died between switch and drain
        done += _drain(old, active, finished=True)
    if _is_used(old) and not _truncate(old):
        # A dump holds the old side: the active one is drained where it stands, and keeps its rows until then.
        return done + _drain(active, active, finished=False)
    if not _switch(old):
        return done + _drain(active, active, finished=False)
    done += _drain(active, old, finished=True)
    _truncate(active)
    return done


def _state() -> tuple[str, bool] | None:
    """(active side, whether the other is drained), or None while another runner is in one of its steps."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminders_outbox_state (id, active, drained, unread) VALUES (1, 'a', false, 0)"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute("SELECT active, drained FROM reminders_outbox_state WHERE id = 1 FOR UPDATE SKIP LOCKED")
        row = cursor.fetchone()
    return (str(row[0]), bool(row[1])) if row else None


def _holds(cursor: CursorWrapper, *, active: str, drained: bool | None = None) -> bool:
    """Hold the runner's row until this step commits. False when another runner holds it or has gone a step further."""
    cursor.execute("SELECT active, drained FROM reminders_outbox_state WHERE id = 1 FOR UPDATE SKIP LOCKED")
    row = cursor.fetchone()
    return bool(row) and row[0] == active and drained in (None, row[1])


def _is_used(side: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {SIDES[side]})")  # noqa: S608  # one of two constants
        row = cursor.fetchone()
    return bool(row and row[0])


def _switch(to: str) -> bool:
    """Make an empty side the active one, once no save is under way. False when saves keep it busy: next time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            if not _holds(cursor, active=_OTHER[to]) or _is_used(to):
                return False
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OUTBOX_LOCK])
            cursor.execute("UPDATE reminders_outbox_state SET active = %s, drained = false WHERE id = 1", [to])
    except OperationalError as exc:
        return _not_in_time(exc)
    return True


def _truncate(side: str) -> bool:
    """Empty a side that is drained. False while a dump or another runner holds it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            if not _holds(cursor, active=_OTHER[side], drained=True):
                return False
            cursor.execute(f"TRUNCATE {SIDES[side]}")
            cursor.execute("UPDATE reminders_outbox_state SET drained = false WHERE id = 1")
    except OperationalError as exc:
        return _not_in_time(exc)
    return True


def _not_in_time(exc: OperationalError) -> bool:
    """False if a lock was not to be had in time; raises whatever else it was."""
    if getattr(exc.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
        raise exc
    return False


@transaction.atomic
def _drain(side: str, active: str, *, finished: bool) -> int:
    """Apply all plans of a side. `finished`: it takes no new ones, so it is marked and never drained again."""
    with connection.cursor() as cursor:
        if not _holds(cursor, active=active, drained=False if finished else None):
            return 0
        if not finished and not _holds(cursor, active=active, drained=True) and _is_used(_OTHER[side]):
            return 0  # the older side comes first, or a token it adds would come after its own withdrawal
        cursor.execute(f"SELECT org_id, id, sealed FROM {SIDES[side]}")  # noqa: S608  # one of two constants
        rows = cursor.fetchall()
    adds: _Adds = defaultdict(dict)
    gone: _Gone = defaultdict(set)
    seen: _Seen = defaultdict(set)
    key_of = cache(server_keys.plan_key)
    unread = [row for row in rows if not _read(row, key_of, adds, gone, seen)]
    for org_id, mids in seen.items():
        queries.mark_seen(org_id, mids)  # before the days, in the order in which sending takes both
    _apply(adds, gone)
    with connection.cursor() as cursor:
        if finished and unread:
            # Never thrown away: carried over and tried again, and an alarm until it opens (`watchdog.status`).
            insert = f"INSERT INTO {SIDES[active]} (org_id, id, sealed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
            cursor.executemany(insert, unread)
        cursor.execute(
            "UPDATE reminders_outbox_state SET drained = drained OR %s, merged_at = %s, unread = %s WHERE id = 1",
            [finished, clock.now(), len(unread)],
        )
    return len(rows)


def _read(
    plan_row: tuple[UUID, UUID, bytes], key_of: Callable[[bytes], bytes], adds: _Adds, gone: _Gone, seen: _Seen
) -> bool:
    """Gather one plan. False if it does not open: one bad row must not silence everybody."""
    org_id, row, sealed = plan_row
    try:
        key = key_of(operational.kid_of_plan(bytes(sealed)))
        new, withdrawn, mids = plan.unpack(operational.open_plan(key, org_id, row, bytes(sealed)))
    except (OpenFailed, msgspec.ValidationError, msgspec.DecodeError) as exc:
        log.error("plan %s does not open: %s", row, type(exc).__name__)
        return False
    for series in new:
        for day in series.days:
            adds[org_id, series.member, day][series.token(day)] = day in series.urgent_days
    for series in withdrawn:
        for day in series.days:
            gone[org_id, series.member, day].add(series.token(day))
    if mids:
        seen[org_id].update(mids)
    return True


def kids_in_use() -> set[bytes]:
    """The locators of the plan keys that rows of either side still need. Raises nothing for damaged rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substring(sealed FROM 3 FOR 8) FROM reminders_plan_a"
            " UNION SELECT substring(sealed FROM 3 FOR 8) FROM reminders_plan_b"
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def _apply(adds: _Adds, gone: _Gone) -> None:
    """Adds minus withdrawals, among the untouched rows of the office, in random order. Applied twice, it is as once."""
    key = server_keys.operational_key()
    adds, gone = _carried(adds, gone)
    places = list({*adds, *gone})
    found = _rows({lookup(*place): place for place in places})
    writes: list[_Write] = []
    for place in places:
        org_id, member, day = place
        row_id, fire = found.get(place) or (uuid4(), operational.Fire(member, day.toordinal()))
        wakes = False
        for token, urgent in adds.get(place, {}).items():
            if token not in gone.get(place, ()) and not fire.holds(token):
                fire.add(token, urgent=urgent)
                wakes = True
        for token in gone.get(place, ()):
            fire.withdraw(token)
        if place in found or fire.used:
            writes.append((org_id, row_id, lookup(*place), operational.seal_fire(key, org_id, row_id, fire), wakes))
    for org_id in {write[0] for write in writes}:
        writes += _untouched(org_id, [write[1] for write in writes])
    _shuffle.shuffle(writes)
    _write(writes)


def _rows(wanted: dict[bytes, _Place]) -> dict[_Place, tuple[UUID, operational.Fire]]:
    """The fire rows of these places, locked. One that does not open counts as empty: it is made anew by what comes."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        # In one order, like everybody's: two of us waiting for each other would end one of us.
        cursor.execute(
            "SELECT org_id, id, lookup, sealed FROM reminders_fire WHERE lookup = ANY(%s) ORDER BY lookup FOR UPDATE",
            [list(wanted)],
        )
        rows = cursor.fetchall()
    return {
        wanted[bytes(place)]: (row_id, _fire(wanted[bytes(place)], row_id, sealed)) for _, row_id, place, sealed in rows
    }


def _fire(place: _Place, row_id: UUID, sealed: bytes) -> operational.Fire:
    org_id, member, day = place
    try:
        return operational.open_fire(server_keys.operational_key(), org_id, row_id, bytes(sealed))
    except OpenFailed as exc:
        log.error("fire row %s does not open: %s", row_id, type(exc).__name__)
        return operational.Fire(member, day.toordinal(), urgent=True)


def _carried(adds: _Adds, gone: _Gone) -> tuple[_Adds, _Gone]:
    """The same for those who have the days of removed members: a token stays what it is in another's row."""
    carried = reassignment.of_members({(org_id, member) for org_id, member, _ in {*adds, *gone}})
    new_adds: _Adds = defaultdict(dict)
    new_gone: _Gone = defaultdict(set)
    for (org_id, member, day), tokens in adds.items():
        for carrier in carried[org_id, member]:
            place = new_adds[org_id, carrier, day]
            for token, urgent in tokens.items():
                place[token] = urgent or place.get(token, False)
    for (org_id, member, day), withdrawn in gone.items():
        for carrier in carried[org_id, member]:
            new_gone[org_id, carrier, day] |= withdrawn
    return new_adds, new_gone


def _untouched(org_id: UUID, but: Collection[UUID]) -> list[_Write]:
    """All other waiting rows of the office; of a very large one, MOST of them, each drawn by itself.

    Among fewer, whoever has more of the rows written together than of all rows would be who was changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, id, lookup, sealed FROM reminders_fire WHERE org_id = %s AND id = ANY(%s)"
            " AND sent_on IS NULL FOR UPDATE SKIP LOCKED",
            [org_id, _drawn(org_id, set(but))],
        )
        return list(_resealed(cursor.fetchall()))


def _drawn(org_id: UUID, but: Set[UUID]) -> list[UUID]:
    """Up to MOST waiting rows of an office at random. Costs the same with ten thousand rows and with ten million.

    Ids are random, so a random point among them is a random place; going some rows on from it makes up for the points
    that fall into wide gaps.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM reminders_fire WHERE org_id = %s AND sent_on IS NULL LIMIT %s", [org_id, MOST])
        ids = {row[0] for row in cursor.fetchall()}
        if len(ids) == MOST:
            points = [uuid4() for _ in range(MOST + len(but))]
            cursor.execute(
                "SELECT r.id FROM unnest(%s::uuid[], %s::int[]) AS p(point, steps) CROSS JOIN LATERAL"
                " (SELECT id FROM reminders_fire WHERE org_id = %s AND sent_on IS NULL AND id >= p.point ORDER BY id"
                "  OFFSET p.steps LIMIT 1) r",
                [points, [_shuffle.randrange(1, STEPS) for _ in points], org_id],
            )
            ids = {row[0] for row in cursor.fetchall()}
    return list(ids - but)


def _resealed(rows: Iterable[tuple[UUID, UUID, bytes, bytes]]) -> Iterator[_Write]:
    key = server_keys.operational_key()
    for org_id, row_id, place, sealed in rows:
        try:
            fire = operational.open_fire(key, org_id, row_id, bytes(sealed))
        except OpenFailed:
            continue  # stays as it is: its own day says so and sends all the same
        yield org_id, row_id, bytes(place), operational.seal_fire(key, org_id, row_id, fire), False


def _write(rows: list[_Write]) -> None:
    # Taken out and put in again: a row that is updated often stays on its page, and pages tell when they were filled.
    # A day that was sent already fires again when it gets a new token, and only then.
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reminders_fire WHERE lookup = ANY(%s) RETURNING lookup, sent_on", [[row[2] for row in rows]]
        )
        sent = {bytes(place): sent_on for place, sent_on in cursor.fetchall()}
        cursor.executemany(
            "INSERT INTO reminders_fire (org_id, id, lookup, sealed, sent_on) VALUES (%s, %s, %s, %s, %s)",
            [(*row[:4], None if row[4] else sent.get(row[2])) for row in rows],
        )


def rewrite_all() -> int:
    """Seal every waiting fire row anew, in random order, so that write order tells nothing for long. Once a day.

    A batch is a transaction: a million rows neither fill the memory nor are locked for minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM reminders_fire WHERE sent_on IS NULL")
        ids = [row[0] for row in cursor.fetchall()]
    _shuffle.shuffle(ids)
    done = 0
    for start in range(0, len(ids), REWRITTEN_AT_ONCE):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT org_id, id, lookup, sealed FROM reminders_fire WHERE id = ANY(%s) AND sent_on IS NULL"
                    " ORDER BY lookup FOR UPDATE",
                    [ids[start : start + REWRITTEN_AT_ONCE]],
                )
                rows = list(_resealed(cursor.fetchall()))
            _shuffle.shuffle(rows)
            _write(rows)
            done += len(rows)
    return done
