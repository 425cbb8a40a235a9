"""SQL of the accounts' tables, where the ORM cannot say it or costs more than the query."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

FOUNDING_LOCK = 0x0CA5EA99_0000_0007  # advisory lock


class SessionRow(NamedTuple):
    """A session's row as it is stored."""

    key: bytes
    org_id: UUID
    whose: bytes
    sealed: bytes
    seen_at: datetime
    epoch: int
    about: bytes
    chain: UUID


class MemberRow(NamedTuple):
    """An active member as a request needs them: their row, the office's session epoch and lock-down, waiting grants."""

    bundle: bytes
    session_epoch: int
    profile: bytes
    office_epoch: int
    is_locked_down: bool
    has_grants: bool


_SESSION = "SELECT key, org_id, whose, sealed, seen_at, epoch, about, chain FROM accounts_session WHERE key = %s"
_MEMBER = """
SELECT m.bundle, m.session_epoch, m.profile, coalesce(o.session_epoch, 0),
       coalesce(o.locked_down, false),
       EXISTS (SELECT 1 FROM accounts_grant g WHERE g.org_id = m.org_id AND g.recipient = m.id)
FROM accounts_member m LEFT JOIN accounts_office o ON o.org_id = m.org_id
WHERE m.org_id = %s AND m.id = %s AND m.is_active
"""
_COUNT_TRY = """
INSERT INTO accounts_throttle (bucket, tries, window_start) VALUES (%s, 1, %s)
ON CONFLICT (bucket) DO UPDATE SET
    tries = CASE WHEN accounts_throttle.window_start <= %s THEN 1 ELSE accounts_throttle.tries + 1 END,
    window_start = CASE WHEN accounts_throttle.window_start <= %s THEN %s ELSE accounts_throttle.window_start END
RETURNING tries, window_start
"""


_SAVE_ROSTER = """
INSERT INTO accounts_roster (org_id, group_id, version, sealed) VALUES (%s, %s, %s, %s)
ON CONFLICT (org_id, group_id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed
"""
_SAVE_GROUP = """
INSERT INTO accounts_group (org_id, group_id, version, sealed, epoch, needs_epoch, swept)
VALUES (%s, %s, %s, %s, %s, %s, 1)
ON CONFLICT (org_id, group_id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed,
    epoch = excluded.epoch, needs_epoch = excluded.needs_epoch
"""


def lock_founding() -> None:
    """Wait until no other transaction founds an office: of two set-ups at once, the second finds an office."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOUNDING_LOCK])


def lock_sent_form(row_id: UUID) -> None:
    """Wait until no other transaction saves this form; then the row of one that did can be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_form_lock(row_id)])


def lock_sent_form_apart(row_id: UUID) -> None:
    """Wait until no other request saves this form; the lock is the connection's, outside of any transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_form_lock(row_id)])


def unlock_sent_form_apart(row_id: UUID) -> None:
    """End the lock of `lock_sent_form_apart`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_form_lock(row_id)])


def _form_lock(row_id: UUID) -> int:
    return int.from_bytes(row_id.bytes[:8], "big", signed=True)


def find_session(key: bytes) -> SessionRow | None:
    """Return a session's row, or None. Every request runs this: building a queryset took longer than the query."""
    with connection.cursor() as cursor:
        cursor.execute(_SESSION, [key])
        row = cursor.fetchone()
    return None if row is None else SessionRow(*row)


def find_draft_inbox(key: bytes) -> bytes:
    """Return the sealed draft inbox of a session's row; empty without a row, or for one of an older program."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT draft_inbox FROM accounts_session WHERE key = %s", [key])
        row = cursor.fetchone()
    return bytes(row[0]) if row else b""


def find_member(org_id: UUID, member_id: UUID) -> MemberRow | None:
    """Return an active member, in the office's transaction, or None. Every request runs this."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER, [org_id, member_id])
        row = cursor.fetchone()
    if row is None:
        return None
    bundle, own_epoch, profile, *rest = row
    return MemberRow(bytes(bundle), own_epoch, bytes(profile), *rest)


def find_roster_version(org_id: UUID, group_id: UUID) -> int:
    """Return the version of a group's roster, 0 without one. Every opened case runs this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM accounts_roster WHERE org_id = %s AND group_id = %s", [org_id, group_id])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def save_roster(org_id: UUID, group_id: UUID, version: int, sealed: bytes) -> None:
    """Insert or replace a group's roster; the office group's row is the directory."""
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_ROSTER, [org_id, group_id, version, sealed])


def count_try(bucket: bytes, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Count one try in a bucket; a window that is over starts anew. Return (tries, start of the window)."""
    past = now - window
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TRY, [bucket, now, past, past, now])
        tries, since = cursor.fetchone()
    return tries, since


def take_tries(bucket: bytes) -> int:
    """Delete a bucket. Return the number of tries that it counted."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_throttle WHERE bucket = %s RETURNING tries", [bucket])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


class GroupRow(NamedTuple):
    """A group's row as it is stored."""

    group_id: UUID
    version: int
    sealed: bytes
    epoch: int
    needs_epoch: int


def save_group(org_id: UUID, row: GroupRow) -> None:
    """Insert a group's row, or replace it; how far its cases were swept is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_GROUP, [org_id, row.group_id, row.version, row.sealed, row.epoch, row.needs_epoch])


def lock_group_rows(org_id: UUID, group_ids: Iterable[UUID]) -> list[GroupRow]:
    """Return the rows of these groups.

    Locks them for share, so that no member is removed from these groups until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT group_id, version, sealed, epoch, needs_epoch FROM accounts_group"
            " WHERE org_id = %s AND group_id = ANY(%s) ORDER BY group_id FOR SHARE",
            [org_id, list(group_ids)],
        )
        return [GroupRow(*row) for row in cursor.fetchall()]


def find_groups(org_id: UUID, group_ids: Iterable[UUID]) -> list[GroupRow]:
    """Return the rows of these groups, without a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT group_id, version, sealed, epoch, needs_epoch FROM accounts_group"
            " WHERE org_id = %s AND group_id = ANY(%s)",
            [org_id, list(group_ids)],
        )
        return [GroupRow(*row) for row in cursor.fetchall()]


_GROUP_ROWS = """
SELECT 'roster', group_id, version, sealed FROM accounts_roster WHERE org_id = %s AND group_id = ANY(%s)
UNION ALL SELECT 'group', group_id, version, sealed FROM accounts_group WHERE org_id = %s AND group_id = %s
"""


def find_group_rows(org_id: UUID, group_id: UUID, office: UUID) -> list[tuple[str, UUID, int, bytes]]:
    """Return (roster or group, id, version, sealed) of a group's two rows and of the directory. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUP_ROWS, [org_id, [office, group_id], org_id, group_id])
        return [(table, group, version, bytes(sealed)) for table, group, version, sealed in cursor.fetchall()]


class GroupVersion(NamedTuple):
    """The state of a group of the member, by which a request sees whether anything about it changed."""

    group_id: UUID
    version: int
    epoch: int
    needs_epoch: int


def find_group_versions(org_id: UUID, group_ids: Iterable[UUID]) -> list[GroupVersion]:
    """Return the versions of these groups. Every request runs this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT group_id, version, epoch, needs_epoch FROM accounts_group WHERE org_id = %s AND group_id = ANY(%s)",
            [org_id, list(group_ids)],
        )
        return [GroupVersion(*row) for row in cursor.fetchall()]
