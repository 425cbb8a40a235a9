"""SQL of the index's tables. Every function runs inside the caller's `office_transaction()`."""

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import psycopg
from django.db import connection

from caseapp.index import health
from caseapp.index.errors import IndexDamaged
from caseapp.index.health import NO_PROGRESS, GroupHealth, RebuildProgress
from caseapp.lib import recompute_mark
from caseapp.vault import seen_versions
from caseapp.vault.core.parts import Span

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


_HEADS = """
SELECT group_id, seq, epoch, pg_current_xact_id_if_assigned()::text, coalesce(state, %s), coalesce(done, 0),
       coalesce(total, 0)
FROM index_head LEFT JOIN index_health USING (org_id, group_id) WHERE org_id = %s AND group_id = ANY(%s)
"""
_NEXT_SEQ = """
UPDATE index_head SET seq = seq + 1 WHERE org_id = %s AND group_id = %s RETURNING seq, epoch,
    coalesce((SELECT max(hi) FROM index_part p
              WHERE p.org_id = index_head.org_id AND p.group_id = index_head.group_id), 0),
    pg_current_xact_id()::text
"""
_SET_HEALTH = """
INSERT INTO index_health (org_id, group_id, state, checked_on, done, total) VALUES (%s, %s, %s, %s, 0, 0)
ON CONFLICT (org_id, group_id) DO UPDATE SET state = EXCLUDED.state, checked_on = EXCLUDED.checked_on,
    done = 0, total = 0, reached = NULL
"""
_HEALTH = "SELECT group_id, state, checked_on, done, total, reached FROM index_health WHERE org_id = %s"


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The head of a group. `uncommitted`: the current transaction has saved to this index, and others do not see it.

    newest_seen  the newest save number that this server saw; above `seq` the index was put back to an earlier state
    health       the state that was stored for the index
    progress     of a rebuild
    """

    group_id: UUID
    seq: int
    epoch: int
    uncommitted: bool = False
    newest_seen: int = 0
    health: str = health.WHOLE
    progress: RebuildProgress = NO_PROGRESS


class _SavedGroups(threading.local):
    """The groups that this thread's current transaction has saved to; `transaction` is its number."""

    transaction: str = ""
    groups: frozenset[UUID] = frozenset()


_saved = _SavedGroups()


@dataclass(frozen=True, slots=True)
class Part:
    """A part as stored: the chunks that exist, in order. `chunks` is the number that should exist."""

    span: Span
    chunks: int
    sealed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PartSize:
    """The span and stored size in bytes of a part, for choosing the parts to merge."""

    lo: int
    hi: int
    size: int


@contextmanager
def _binary_cursor() -> Iterator["CursorWrapper"]:
    with connection.cursor() as cursor:
        # In text format each sealed byte would be sent as two hex digits and decoded again.
        cast("psycopg.Cursor[Any]", cursor.cursor).format = psycopg.pq.Format.BINARY
        yield cursor


def create_head(org_id: UUID, group_id: UUID, epoch: int, law: str) -> None:
    """Create a new group's head, marked as computed with `law`. Raises IntegrityError if the group has one."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "INSERT INTO index_head (org_id, group_id, seq, epoch, pack_version) VALUES (%s, %s, 0, %s, %s)",
            [org_id, group_id, epoch, law],
        )


def heads_of(org_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, GroupHead]:
    """Return the heads of these groups; a group without a head is left out."""
    seen = seen_versions.newest_of_each("index", org_id, group_ids)  # before the heads: a save may come between
    with _binary_cursor() as cursor:
        cursor.execute(_HEADS, [health.WHOLE, org_id, list(group_ids)])
        heads = cursor.fetchall()
    return {
        group_id: GroupHead(
            group_id,
            seq,
            epoch,
            _is_saved_here(group_id, number),
            newest_seen=seen[group_id],
            health=state,
            progress=RebuildProgress(done, total),
        )
        for group_id, seq, epoch, number, state, done, total in heads
    }


def _is_saved_here(group_id: UUID, transaction_number: str | None) -> bool:
    """Return whether this transaction (None: it has written nothing yet) has saved to the group's index."""
    return transaction_number == _saved.transaction and group_id in _saved.groups


def groups_with_head(org_id: UUID) -> list[UUID]:
    """Return the groups of the office that have an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT group_id FROM index_head WHERE org_id = %s ORDER BY group_id", [org_id])
        return [row[0] for row in cursor.fetchall()]


def take_next_seq(org_id: UUID, group_id: UUID) -> GroupHead:
    """Take the next save number of a group; its row stays locked until commit. Raises IndexDamaged without a head.

    A head that was put back goes on above every number that was seen or that a stored part has: the parts then show a
    gap, and the index is rebuilt.
    """
    seen = seen_versions.newest_seen("index", org_id, group_id)
    with _binary_cursor() as cursor:
        cursor.execute(_NEXT_SEQ.lstrip(), [org_id, group_id])
        row = cursor.fetchone()
        if row is None:
            raise IndexDamaged(f"group {group_id} has no index head")
        seq, epoch, newest_part, number = row
        if seq <= (newest := max(seen, newest_part)):
            seq = newest + 1
            cursor.execute(
                "UPDATE index_head SET seq = %s WHERE org_id = %s AND group_id = %s", [seq, org_id, group_id]
            )
    others = _saved.groups if _saved.transaction == number else frozenset()
    _saved.transaction, _saved.groups = number, others | {group_id}
    seen_versions.remember_on_commit("index", org_id, group_id, seq)
    return GroupHead(group_id, seq, epoch, uncommitted=True)


def health_of(org_id: UUID, group_ids: Sequence[UUID] | None = None) -> dict[UUID, GroupHealth]:
    """Return the health of these groups, or of all groups of the office; a group never looked at is left out."""
    with connection.cursor() as cursor:
        if group_ids is None:
            cursor.execute(_HEALTH, [org_id])
        else:
            cursor.execute(f"{_HEALTH} AND group_id = ANY(%s)", [org_id, list(group_ids)])
        return {
            row[0]: GroupHealth(row[0], row[1], row[2], RebuildProgress(row[3], row[4]), row[5])
            for row in cursor.fetchall()
        }


def set_health(org_id: UUID, group_id: UUID, state: str, on: dt.date) -> None:
    """Store the state of a group's index and drop the progress of any rebuild."""
    with connection.cursor() as cursor:
        cursor.execute(_SET_HEALTH, [org_id, group_id, state, on])


def claim_rebuild(org_id: UUID, group_id: UUID) -> bool:
    """Lock a group's health until the transaction ends, so that one process at a time rebuilds. Never wait.

    Return False when another process has the lock, or for a group without a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM index_health WHERE org_id = %s AND group_id = %s FOR UPDATE SKIP LOCKED", [org_id, group_id]
        )
        return cursor.fetchone() is not None


def set_progress(org_id: UUID, group_id: UUID, progress: RebuildProgress, reached: UUID | None) -> None:
    """Store how far the rebuild of a group is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE index_health SET done = %s, total = %s, reached = %s WHERE org_id = %s AND group_id = %s",
            [progress.done, progress.total, reached, org_id, group_id],
        )


def law_marks(org_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the recompute mark of each group (`lib.recompute_mark`): progress with the current law."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT group_id, pack_version FROM index_head WHERE org_id = %s AND group_id = ANY(%s)",
            [org_id, list(group_ids)],
        )
        return dict(cursor.fetchall())


def set_law_mark(org_id: UUID, group_id: UUID, mark: str, *, instead_of: str) -> bool:
    """Replace a group's mark unless it changed since it was read as `instead_of`. Return whether it was replaced."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "UPDATE index_head SET pack_version = %s WHERE org_id = %s AND group_id = %s AND pack_version = %s",
            [mark, org_id, group_id, instead_of],
        )
        return bool(cursor.rowcount)


def mark_all_owed(org_id: UUID, since: dt.date) -> None:
    """Mark all groups of the office as due for recomputing since a day; an earlier due day is kept."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT group_id, pack_version FROM index_head WHERE org_id = %s ORDER BY group_id FOR UPDATE", [org_id]
        )
        for group_id, mark in cursor.fetchall():
            cursor.execute(
                "UPDATE index_head SET pack_version = %s WHERE org_id = %s AND group_id = %s",
                [recompute_mark.owed_mark(recompute_mark.parse_mark(mark).since or since), org_id, group_id],
            )


def remove_group(org_id: UUID, group_id: UUID) -> None:
    """Delete a group's whole index, with its head."""
    remove_parts(org_id, group_id)
    with _binary_cursor() as cursor:
        cursor.execute("DELETE FROM index_head WHERE org_id = %s AND group_id = %s", [org_id, group_id])
        cursor.execute("DELETE FROM index_health WHERE org_id = %s AND group_id = %s", [org_id, group_id])
    seen_versions.forget_on_commit("index", org_id, group_id)


def set_epoch(org_id: UUID, group_id: UUID, epoch: int) -> None:
    """Store the epoch under which the group's parts are sealed from now on."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "UPDATE index_head SET epoch = %s WHERE org_id = %s AND group_id = %s", [epoch, org_id, group_id]
        )


def insert_part(span: Span, sealed: Sequence[bytes]) -> None:
    """Insert the sealed chunks of a part."""
    with _binary_cursor() as cursor:
        for chunk, blob in enumerate(sealed):
            cursor.execute(
                "INSERT INTO index_part (org_id, group_id, hi, chunk, lo, chunks, epoch, sealed)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [span.org_id, span.group_id, span.hi, chunk, span.lo, len(sealed), span.epoch, blob],
            )


def parts_after(org_id: UUID, group_id: UUID, seq: int, until: int | None = None) -> list[Part]:
    """Return the parts that end after `seq` (and at most at `until`), in order, from one snapshot."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT hi, chunk, lo, chunks, epoch, sealed FROM index_part"
            " WHERE org_id = %s AND group_id = %s AND hi > %s AND hi <= %s ORDER BY hi, chunk",
            [org_id, group_id, seq, 2**63 - 1 if until is None else until],
        )
        chunk_rows = cursor.fetchall()
    return [
        _assemble_part(org_id, group_id, list(chunks)) for _, chunks in groupby(chunk_rows, key=lambda row: int(row[0]))
    ]


def is_continuous(parts: Sequence[Part], until: int) -> bool:
    """Return whether the parts lead from save 0 to save `until` without a gap."""
    reached = 0
    for part in parts:
        if part.span.lo != reached:
            return False
        reached = part.span.hi
    return reached >= until


def _assemble_part(org_id: UUID, group_id: UUID, chunk_rows: list[tuple[Any, ...]]) -> Part:
    hi, _, lo, chunks, epoch, _ = chunk_rows[0]
    # A forged or moved chunk does not open, so it is enough to compare the number of chunks.
    return Part(Span(org_id, group_id, epoch, lo, hi), chunks, tuple(bytes(row[5]) for row in chunk_rows))


def part_sizes(org_id: UUID, group_id: UUID) -> list[PartSize]:
    """Return the span and stored bytes of all parts of a group, oldest first."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT min(lo), hi, sum(octet_length(sealed))::bigint FROM index_part"
            " WHERE org_id = %s AND group_id = %s GROUP BY hi ORDER BY hi",
            [org_id, group_id],
        )
        return [PartSize(*row) for row in cursor.fetchall()]


def remove_parts(org_id: UUID, group_id: UUID, spans: Sequence[tuple[int, int]] | None = None) -> int:
    """Delete parts, given as (lo, hi), or all parts of the group. Return the number of parts deleted."""
    where, values = "", [org_id, group_id]
    if spans is not None:
        where, values = " AND hi = ANY(%s)", [*values, [hi for _, hi in spans]]  # type: ignore[list-item]  # mixed
    with _binary_cursor() as cursor:
        cursor.execute(
            f"DELETE FROM index_part WHERE org_id = %s AND group_id = %s{where} RETURNING lo, hi",  # noqa: S608  # fixed text
            values,
        )
        return len({tuple(row) for row in cursor.fetchall()})


def try_merge_lock(org_id: UUID, group_id: UUID) -> bool:
    """Try to lock a group's parts for rearranging until the transaction ends. Return False instead of waiting."""
    with _binary_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_number(org_id, group_id)])
        return bool(cursor.fetchall()[0][0])


def acquire_merge_lock(org_id: UUID, group_id: UUID) -> None:
    """Lock a group's parts as `try_merge_lock`, but wait. Safe with the head locked: a merge takes no other lock."""
    with _binary_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_number(org_id, group_id)])


def _lock_number(org_id: UUID, group_id: UUID) -> int:
    mixed = org_id.int ^ group_id.int
    return int.from_bytes((mixed & (2**64 - 1)).to_bytes(8, "big"), "big", signed=True)


def insert_conflict_part(span: Span, sealed: Sequence[bytes]) -> None:
    """Insert the sealed chunks of a part of the conflict officers' index, numbered `span.hi`."""
    with _binary_cursor() as cursor:
        for chunk, blob in enumerate(sealed):
            cursor.execute(
                "INSERT INTO index_conflict_part (org_id, number, chunk, chunks, epoch, sealed)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [span.org_id, span.hi, chunk, len(sealed), span.epoch, blob],
            )


def conflict_parts(
    org_id: UUID, epochs: Sequence[int], numbers: Sequence[int] | None = None
) -> list[tuple[int, int, int, list[bytes]]]:
    """Return (number, epoch, chunks that should exist, sealed chunks) of the conflict parts of these epochs."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT number, epoch, chunks, sealed FROM index_conflict_part WHERE org_id = %s AND epoch = ANY(%s)"
            " AND (%s::bigint[] IS NULL OR number = ANY(%s::bigint[])) ORDER BY number, chunk",
            [org_id, list(epochs), *2 * [None if numbers is None else list(numbers)]],
        )
        chunk_rows = cursor.fetchall()
    grouped = ((number, list(together)) for number, together in groupby(chunk_rows, key=lambda row: int(row[0])))
    return [(number, rows[0][1], rows[0][2], [bytes(row[3]) for row in rows]) for number, rows in grouped]


def conflict_part_sizes(org_id: UUID, epochs: Sequence[int] | None = None) -> list[tuple[int, int, int]]:
    """Return (number, epoch, stored bytes) of the conflict parts, of all epochs or of these."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT number, min(epoch), sum(octet_length(sealed))::bigint FROM index_conflict_part"
            " WHERE org_id = %s AND (%s::integer[] IS NULL OR epoch = ANY(%s::integer[])) GROUP BY number",
            [org_id, *2 * [None if epochs is None else list(epochs)]],
        )
        return [(int(number), int(epoch), int(size)) for number, epoch, size in cursor.fetchall()]


def remove_conflict_parts(org_id: UUID, numbers: Sequence[int]) -> bool:
    """Delete these conflict parts. Return whether all of them were still there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM index_conflict_part WHERE org_id = %s AND number = ANY(%s) RETURNING number",
            [org_id, list(numbers)],
        )
        return len({row[0] for row in cursor.fetchall()}) == len(set(numbers))


def remove_conflict_parts_before(org_id: UUID, epoch: int) -> int:
    """Delete the conflict parts of older epochs. Return the number of chunks deleted."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM index_conflict_part WHERE org_id = %s AND epoch < %s", [org_id, epoch])
        return int(cursor.rowcount)
