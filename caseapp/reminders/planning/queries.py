"""SQL of planning: the outbox with its two sides, the fire rows, the census.

All writers lock fire rows in the order of their lookup keys. Otherwise two could wait for each other,
and one be aborted.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

OUTBOX_LOCK = 0x0CA5EA99_0000_0001  # advisory lock: shared by saves, exclusive for the switch of sides
SIDES = {"a": "reminders_plan_a", "b": "reminders_plan_b"}
PlanRow = tuple[UUID, UUID, bytes]  # office, row, sealed


class FireRow(NamedTuple):
    """A member's day as it is stored."""

    org_id: UUID
    id: UUID
    lookup: bytes
    sealed: bytes
    sent_on: date | None = None


_FIRE_COLUMNS = "org_id, id, lookup, sealed, sent_on"
_INSERT_FIRE = f"INSERT INTO reminders_fire ({_FIRE_COLUMNS}) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608  # a constant
_SELECT_FIRE = f"SELECT {_FIRE_COLUMNS} FROM reminders_fire"  # noqa: S608  # a constant
_DRAW = """
SELECT r.id FROM unnest(%s::uuid[], %s::int[]) AS p(point, steps) CROSS JOIN LATERAL
(SELECT id FROM reminders_fire WHERE org_id = %s AND sent_on IS NULL AND id >= p.point ORDER BY id
 OFFSET p.steps LIMIT 1) r
"""
_RECORD_MISSING = """
INSERT INTO reminders_census (org_id, sealed, missing, missing_at) VALUES (%s, '', %s, %s)
ON CONFLICT (org_id) DO UPDATE SET missing_at = EXCLUDED.missing_at, missing = EXCLUDED.missing
+ CASE WHEN reminders_census.missing_at > %s THEN reminders_census.missing ELSE 0 END
"""
_RECORD_LOOK = """
INSERT INTO reminders_census (org_id, sealed, missing, looked_on) VALUES (%s, '', 0, %s)
ON CONFLICT (org_id) DO UPDATE SET looked_on = EXCLUDED.looked_on
WHERE reminders_census.looked_on IS DISTINCT FROM EXCLUDED.looked_on
"""


def insert_plans(rows: Sequence[PlanRow]) -> None:
    """Insert plan rows into the active side, in the caller's transaction."""
    with connection.cursor() as cursor:
        # First the lock, then the side in a separate statement: so the switch sees every save that used the old side.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [OUTBOX_LOCK])
        cursor.execute("SELECT active FROM reminders_outbox_state WHERE id = 1")
        state = cursor.fetchone()
        table = SIDES[state[0] if state else "a"]
        cursor.executemany(f"INSERT INTO {table} (org_id, id, sealed) VALUES (%s, %s, %s)", rows)  # noqa: S608  # one of two constants


def create_state() -> None:
    """Create the row of the outbox's state unless it exists."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminders_outbox_state (id, active, drained, unread) VALUES (1, 'a', false, 0)"
            " ON CONFLICT DO NOTHING"
        )


def lock_state() -> tuple[str, bool] | None:
    """Return (active side, is the other drained) and lock the row, or None while another runner locks it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT active, drained FROM reminders_outbox_state WHERE id = 1 FOR UPDATE SKIP LOCKED")
        row = cursor.fetchone()
    return (str(row[0]), bool(row[1])) if row else None


def has_plans(side: str) -> bool:
    """Return whether a side has plan rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {SIDES[side]})")  # noqa: S608  # one of two constants
        row = cursor.fetchone()
    return bool(row and row[0])


def limit_lock_wait(milliseconds: int) -> None:
    """Let statements of this transaction wait no longer for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])


def switch_active(side: str) -> None:
    """Make a side the active one, once no save is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OUTBOX_LOCK])
        cursor.execute("UPDATE reminders_outbox_state SET active = %s, drained = false WHERE id = 1", [side])


def truncate_plans(side: str) -> None:
    """Empty a drained side."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {SIDES[side]}")
        cursor.execute("UPDATE reminders_outbox_state SET drained = false WHERE id = 1")


def plans_of(side: str) -> list[PlanRow]:
    """Return every plan row of a side."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT org_id, id, sealed FROM {SIDES[side]}")  # noqa: S608  # one of two constants
        return [(org_id, row, bytes(sealed)) for org_id, row, sealed in cursor.fetchall()]


def copy_plans(side: str, rows: Sequence[PlanRow]) -> None:
    """Copy plan rows to a side; a row that it has already is left out."""
    insert = f"INSERT INTO {SIDES[side]} (org_id, id, sealed) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608  # one of two constants
    with connection.cursor() as cursor:
        cursor.executemany(insert, rows)


def record_drain(*, finished: bool, at: datetime, unread: int) -> None:
    """Record when a side was drained and how many plans did not open; `finished` marks it as drained."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_outbox_state SET drained = drained OR %s, merged_at = %s, unread = %s WHERE id = 1",
            [finished, at, unread],
        )


def plan_key_ids() -> set[bytes]:
    """Return the key ids of the plan keys that rows of either side still need. Damaged rows raise nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substring(sealed FROM 3 FOR 8) FROM reminders_plan_a"
            " UNION SELECT substring(sealed FROM 3 FOR 8) FROM reminders_plan_b"
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def _fire_rows(rows: Sequence[tuple[UUID, UUID, bytes, bytes, date | None]]) -> list[FireRow]:
    return [FireRow(org_id, row, bytes(key), bytes(sealed), sent_on) for org_id, row, key, sealed, sent_on in rows]


def find_fires(lookups: Collection[bytes]) -> list[FireRow]:
    """Return the fire rows of these days, sent or not."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT_FIRE} WHERE lookup = ANY(%s)", [list(lookups)])
        return _fire_rows(cursor.fetchall())


def lock_fires(lookups: Collection[bytes]) -> list[FireRow]:
    """Return the fire rows of these days, sent or not, and lock them."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT_FIRE} WHERE lookup = ANY(%s) ORDER BY lookup FOR UPDATE", [list(lookups)])
        return _fire_rows(cursor.fetchall())


def lock_unlocked_waiting(org_id: UUID, ids: Collection[UUID]) -> list[FireRow]:
    """Return those of these waiting rows that no other transaction locks, and lock them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT_FIRE} WHERE org_id = %s AND id = ANY(%s) AND sent_on IS NULL FOR UPDATE SKIP LOCKED",
            [org_id, list(ids)],
        )
        return _fire_rows(cursor.fetchall())


def lock_waiting(ids: Collection[UUID]) -> list[FireRow]:
    """Return those of these rows, of any office, that wait, and lock them."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT_FIRE} WHERE id = ANY(%s) AND sent_on IS NULL ORDER BY lookup FOR UPDATE", [list(ids)])
        return _fire_rows(cursor.fetchall())


def waiting_of_office(org_id: UUID) -> Iterator[FireRow]:
    """Yield the waiting rows of an office; a large one does not fill the memory."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT_FIRE} WHERE org_id = %s AND sent_on IS NULL", [org_id])
        while rows := cursor.fetchmany(2000):
            yield from _fire_rows(rows)


def waiting_ids() -> list[UUID]:
    """Return the ids of all waiting rows that the role can see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM reminders_fire WHERE sent_on IS NULL")
        return [row[0] for row in cursor.fetchall()]


def some_waiting_ids(org_id: UUID, limit: int) -> set[UUID]:
    """Return the ids of at most `limit` waiting rows of an office, not drawn at random."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM reminders_fire WHERE org_id = %s AND sent_on IS NULL LIMIT %s", [org_id, limit])
        return {row[0] for row in cursor.fetchall()}


def draw_waiting_ids(org_id: UUID, points: Sequence[UUID], steps: Sequence[int]) -> set[UUID]:
    """Return the ids of waiting rows: for each point the row that lies so many steps after it."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [list(points), list(steps), org_id])
        return {row[0] for row in cursor.fetchall()}


def delete_fires(lookups: Collection[bytes]) -> None:
    """Delete the rows of these days."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reminders_fire WHERE lookup = ANY(%s)", [list(lookups)])


def insert_fires(rows: Sequence[FireRow]) -> None:
    """Insert fire rows."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT_FIRE, rows)


def write_fires(rows: Sequence[FireRow]) -> None:
    """Insert fire rows or replace the content of days that have one; such a day fires again."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"{_INSERT_FIRE} ON CONFLICT (lookup) DO UPDATE SET sealed = EXCLUDED.sealed, sent_on = NULL", rows
        )


def add_missing(org_id: UUID, count: int, at: datetime) -> None:
    """Add missing reminders to the office's census; findings older than a day are forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_MISSING, [org_id, count, at, at - timedelta(days=1)])


def record_look(org_id: UUID, on: date) -> None:
    """Record the day on which a member of the office opened Today; writes nothing if it is known."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_LOOK, [org_id, on])
