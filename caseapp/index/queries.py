"""SQL of the index's two tables. Every function runs inside the caller's `office_transaction()`."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import psycopg
from django.db import connection

from caseapp.index.errors import IndexDamaged
from caseapp.lib import recompute_mark
from caseapp.vault.core.parts import Span

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The head of a group. `uncommitted`: the current transaction has written something that others do not see yet."""

    group_id: UUID
    seq: int
    epoch: int
    uncommitted: bool = False


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
    with _binary_cursor() as cursor:
        cursor.execute(
            "SELECT group_id, seq, epoch, pg_current_xact_id_if_assigned() IS NOT NULL FROM index_head"
            " WHERE org_id = %s AND group_id = ANY(%s)",
            [org_id, list(group_ids)],
        )
        return {row[0]: GroupHead(*row) for row in cursor.fetchall()}


def take_next_seq(org_id: UUID, group_id: UUID) -> GroupHead:
    """Take the next save number of a group; its row stays locked until commit. Raises IndexDamaged without a head."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "UPDATE index_head SET seq = seq + 1 WHERE org_id = %s AND group_id = %s RETURNING seq, epoch",
            [org_id, group_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise IndexDamaged(f"group {group_id} has no index head")
    return GroupHead(group_id, row[0], row[1])


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
