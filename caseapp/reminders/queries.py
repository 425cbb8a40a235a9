"""SQL statements of a sending round: members, pending days, claims and delivered messages.

A member is claimed by a lease in their row, taken with SKIP LOCKED and ended by the database's own clock, which no test
and no administrator moves. Nothing is locked during a conversation with a mail server or a gateway.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from caseapp.lib import clock
from caseapp.reminders import choices, recipients
from caseapp.reminders.choices import LOOK_BACK
from caseapp.reminders.recipients import Recipient
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

LEASE_SECONDS = 60.0  # seconds; renewed while a batch is being sent
MEMBERS_PER_BATCH = 500  # members checked in one batch
MAIL_DOMAIN = "list.invalid"
SEEN_WITHIN = timedelta(days=4)  # age of the lines that a look at Today can mark and that are rewritten with it
log = logging.getLogger("caseapp.reminders")
DeliveryLine = tuple[str, UUID, bytes, str, str, str, datetime]


@dataclass(frozen=True)
class ReminderMember:
    """Row of a member as it was read. `tries`: consecutive failed deliveries."""

    recipient: Recipient
    checked_on: date | None
    tries: int
    try_after: datetime | None

    @property
    def org_id(self) -> UUID:
        """Return the office."""
        return self.recipient.org_id

    @property
    def member_id(self) -> UUID:
        """Return the member."""
        return self.recipient.member_id


@dataclass
class PendingDays:
    """Pending fire rows of a member: their ids, whether one has something urgent not said yet, and their oldest day."""

    ids: list[UUID] = field(default_factory=list)
    is_urgent: bool = False
    oldest_day: date | None = None


def office_batches() -> Iterator[list[UUID]]:
    """Yield all offices in batches, so that a round needs few statements however many small offices there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id, count(*) FROM reminders_channel GROUP BY org_id ORDER BY org_id")
        counts = cursor.fetchall()
    batch: list[UUID] = []
    members = 0
    for org_id, count in counts:
        batch.append(org_id)
        members += count
        if members >= MEMBERS_PER_BATCH:
            yield batch
            batch, members = [], 0
    if batch:
        yield batch


def members_of_offices(orgs: Collection[UUID]) -> list[ReminderMember]:
    """Return all members of these offices. Log and omit a member whose row does not open."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM reminders_channel c WHERE org_id = ANY(%s)", [list(orgs)])  # noqa: S608  # a constant
        return list(_open_members(cursor.fetchall()))


_COLUMNS = "c.org_id, c.member_id, c.sealed, c.checked_on, c.tries, c.try_after"
_MemberRow = tuple[UUID, UUID, bytes, date | None, int, datetime | None]


def _open_members(rows: Iterable[_MemberRow]) -> Iterator[ReminderMember]:
    for org_id, member_id, sealed, checked_on, tries, try_after in rows:
        try:
            settings = recipients.open_settings(org_id, member_id, bytes(sealed))
        except OpenFailed as exc:
            # One member's damaged row must not stop the reminders of the others.
            log.error("reminders.member_unreadable %s", exc)
            continue
        yield ReminderMember(Recipient(org_id, member_id, settings), checked_on, tries, try_after)


def claim_members(holder: UUID, wanted: Sequence[ReminderMember]) -> list[ReminderMember]:
    """Claim these members for `holder` without waiting. Return the claimed ones, as their rows are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel c SET lease = %s, leased_until = clock_timestamp() + make_interval(secs => %s)"  # noqa: S608  # a constant
            " FROM (SELECT org_id, member_id FROM reminders_channel"
            "  WHERE (org_id, member_id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))"
            "  AND (leased_until IS NULL OR leased_until < clock_timestamp())"
            "  ORDER BY member_id FOR UPDATE SKIP LOCKED) f"
            " WHERE c.org_id = f.org_id AND c.member_id = f.member_id"
            f" RETURNING {_COLUMNS}",
            [holder, LEASE_SECONDS, [p.org_id for p in wanted], [p.member_id for p in wanted]],
        )
        return list(_open_members(cursor.fetchall()))


def renew_claims(holder: UUID) -> set[UUID]:
    """Extend the claims of `holder` on members still to be sent to. Return the members that are still claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET leased_until = clock_timestamp() + make_interval(secs => %s)"
            " WHERE lease = %s RETURNING member_id",
            [LEASE_SECONDS, holder],
        )
        return {row[0] for row in cursor.fetchall()}


def release_claims(holder: UUID) -> None:
    """Release all remaining claims of this holder."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reminders_channel SET lease = NULL, leased_until = NULL WHERE lease = %s", [holder])


def day_lookup(org_id: UUID, member: UUID, day: date) -> bytes:
    """Return the lookup key of a member's day. Only a holder of the operational key can compute it."""
    number = day.toordinal().to_bytes(4, "big")
    return primitives.mac(server_keys.operational_key(), LABELS["day lookup"], org_id.bytes, member.bytes, number)


def pending_days(spans: Sequence[tuple[Recipient, date, date]]) -> dict[UUID, PendingDays]:
    """Return the unsent fire rows by member, for each member's days from the first to the last."""
    spans_by_lookup = {
        day_lookup(recipient.org_id, recipient.member_id, day): (recipient, day, last)
        for recipient, first, last in spans
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    }
    if not spans_by_lookup:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lookup, sealed, sent_on FROM reminders_fire WHERE lookup = ANY(%b)"
            " AND (sent_on IS NULL OR sent_on > %s)",
            [list(spans_by_lookup), min(last for _, _, last in spans_by_lookup.values())],
        )
        rows = cursor.fetchall()
    pending: dict[UUID, PendingDays] = defaultdict(PendingDays)
    for row_id, row_lookup, sealed, sent_on in rows:
        recipient, day, last = spans_by_lookup[bytes(row_lookup)]
        if sent_on is not None and sent_on <= last:
            continue  # only a row with sent_on in the future is sent again: it was marked while the clock was wrong
        days = pending[recipient.member_id]
        days.ids.append(row_id)
        days.is_urgent = days.is_urgent or _open_fire(recipient, row_id, bytes(sealed)).is_pressing
        days.oldest_day = min(days.oldest_day or day, day)
    return pending


def _open_fire(recipient: Recipient, row_id: UUID, sealed: bytes) -> operational.ReminderDay:
    """Return the day in a fire row. One that does not open counts as urgent: the text of a message is the same."""
    try:
        return operational.open_fire(server_keys.operational_key(), recipient.org_id, row_id, sealed)
    except OpenFailed as exc:
        log.error("reminders.fire_unreadable %s", exc)
        return operational.ReminderDay(recipient.member_id, 0, urgent=True)


def is_drawn(recipient: Recipient, day: date, label: bytes) -> bool:
    """Return whether a day without items gets a message too.

    Drawn by key, so the choice is stable and cannot be predicted. At level constant every day is drawn.
    """
    if recipient.settings.level == "constant":
        return True
    number = day.toordinal().to_bytes(4, "big")
    drawn = primitives.mac(server_keys.operational_key(), label, recipient.member_id.bytes, number)
    return drawn[0] < choices.OTHER_DAYS


def message_id(recipient: Recipient, day: date, what: str) -> str:
    """Return the Message-ID for this member, day and kind.

    It is always the same, so that a repeat is recognized as one, and reveals nothing without the key.
    """
    return message_id_of(recipient.org_id, recipient.member_id, day, what)


def message_id_of(org_id: UUID, member_id: UUID, day: date, what: str) -> str:
    """Return the Message-ID as `message_id` does, from ids alone."""
    number = day.toordinal().to_bytes(4, "big")
    key = server_keys.operational_key()
    tag = primitives.mac(key, LABELS["message id"], org_id.bytes, member_id.bytes, number, what.encode())
    return f"<{tag[:20].hex()}@{MAIL_DOMAIN}>"


def sent_times(ids: Collection[str]) -> dict[str, datetime]:
    """Return which of these messages went out, with the minute of each.

    A line more than an hour in the future is ignored: it was written while the clock was wrong.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, at FROM reminders_delivery WHERE message_id = ANY(%s) AND state = 'sent' AND at <= %s",
            [list(ids), clock.now() + timedelta(hours=1)],
        )
        return dict(cursor.fetchall())


def unseen_messages(ids: Collection[str], before: datetime) -> set[str]:
    """Return which of these messages went out by `before` and were not followed by a look at Today."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id FROM reminders_delivery WHERE message_id = ANY(%s) AND state = 'sent' AND NOT seen"
            " AND at <= %s",
            [list(ids), before],
        )
        return {row[0] for row in cursor.fetchall()}


def mark_seen(org_id: UUID, mids: Collection[str]) -> None:
    """Mark these messages of an office as followed by a look at Today.

    All of the office's lines of the last days are rewritten with them, so that no transaction number shows which member
    just opened Today.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_delivery d SET seen = d.seen OR d.message_id = ANY(%s) FROM"
            " (SELECT message_id FROM reminders_delivery WHERE org_id = %s AND at > %s ORDER BY message_id"
            "  FOR UPDATE) f WHERE d.message_id = f.message_id",
            [list(mids), org_id, clock.now() - SEEN_WITHIN],
        )


def members_with_urgent(sent: Collection[tuple[Recipient, date]]) -> set[UUID]:
    """Return the members whose message of that day settled something urgent, of that day or an earlier one.

    A row to which an item was added after its message waits for its next one: what it said before counts.
    """
    days_by_lookup = {
        day_lookup(recipient.org_id, recipient.member_id, day - timedelta(days=n)): (recipient, day, n)
        for recipient, day in sent
        for n in range(LOOK_BACK.days + 1)
    }
    if not days_by_lookup:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lookup, sealed, sent_on FROM reminders_fire WHERE lookup = ANY(%s)", [list(days_by_lookup)]
        )
        rows = cursor.fetchall()
    members = set()
    for row_id, row_lookup, sealed, sent_on in rows:
        recipient, day, days_ago = days_by_lookup[bytes(row_lookup)]
        if sent_on == day or (sent_on is None and not days_ago):
            fire = _open_fire(recipient, row_id, bytes(sealed))
            if fire.urgent and (sent_on or fire.is_said):
                members.add(recipient.member_id)
    return members


def mark_sent(org_id: UUID, line: DeliveryLine, fires: Sequence[UUID], on: date) -> None:
    """Write the log line of a delivered message and mark the fire rows that it settles, in one durable statement.

    line  message id, office, sealed, what, by, state, at
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK_SENT, [*line, on, org_id, list(fires)])
        for _ in range(MERGE_RETRIES):
            if cursor.rowcount == len(fires):
                return
            # A merge replaced these rows while this statement waited for it, so it did not see the new ones.
            cursor.execute(_MARK_FIRES, [on, org_id, list(fires)])


def settle_members(holder: UUID, done: Sequence[tuple[UUID, UUID]], on: Sequence[date]) -> None:
    """Record that these members were notified: reset tries, set the checked day, release the claim.

    done  office and member
    """
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel c SET checked_on = d.day, tries = 0, try_after = NULL,"
            " lease = CASE WHEN c.lease = %s THEN NULL ELSE c.lease END,"
            " leased_until = CASE WHEN c.lease = %s THEN NULL ELSE c.leased_until END"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS d(org_id, member_id, day)"
            " WHERE c.org_id = d.org_id AND c.member_id = d.member_id",
            [holder, holder, [org_id for org_id, _ in done], [member for _, member in done], list(on)],
        )


MERGE_RETRIES = 3
_UPSERT_LINE = (
    "INSERT INTO reminders_delivery (message_id, org_id, sealed, what, by, state, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (message_id) DO UPDATE SET sealed = EXCLUDED.sealed, by = EXCLUDED.by, state = EXCLUDED.state,"
    " at = EXCLUDED.at"
)
_INSERT_OWED = (
    "INSERT INTO reminders_delivery (message_id, org_id, sealed, what, by, state, at, try_after)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (message_id) DO NOTHING"
)
_MARK_FIRES = "UPDATE reminders_fire SET sent_on = %s WHERE org_id = %s AND id = ANY(%s)"
_MARK_SENT = f"WITH line AS ({_UPSERT_LINE}) {_MARK_FIRES}"


def record_owed(line: DeliveryLine, *, try_after: datetime) -> None:
    """Write a log line for a message that is yet to be sent. The line of one that already went out is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_OWED, [*line, try_after])


def postpone_owed(mid: str, *, try_after: datetime) -> None:
    """Set when an owed message is tried next."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reminders_delivery SET try_after = %s WHERE message_id = %s", [try_after, mid])


def owed_messages(now: datetime) -> list[tuple[UUID, UUID, str, str, datetime]]:
    """Return office, member, Message-ID, kind and time of messages to be sent now, without lines that do not open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, sealed, message_id, what, at FROM reminders_delivery"
            " WHERE state = 'owed' AND (try_after IS NULL OR try_after <= %s)",
            [now],
        )
        rows = cursor.fetchall()
    messages = []
    for org_id, sealed, mid, what, at in rows:
        try:
            member = operational.open_log_recipient(server_keys.operational_key(), org_id, mid, bytes(sealed))
        except OpenFailed as exc:
            log.error("reminders.message_unreadable %s", exc)
            continue
        messages.append((org_id, member, mid, what, at))
    return messages


def write_line(line: DeliveryLine) -> None:
    """Write a log line, without marking fire rows."""
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_LINE, list(line))


def mark_failed(person: ReminderMember, *, try_after: datetime) -> None:
    """Record that no channel accepted the message: the member waits until `try_after`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET tries = LEAST(tries + 1, 1000), try_after = %s, lease = NULL,"
            " leased_until = NULL WHERE org_id = %s AND member_id = %s",
            [try_after, person.org_id, person.member_id],
        )


def mark_checked(done: Sequence[tuple[UUID, UUID, date]]) -> None:
    """Record that these members have no pending days, so that the next search may start here.

    Members of several offices in one statement.
    """
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel c SET checked_on = d.day"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS d(org_id, member_id, day)"
            " WHERE c.org_id = d.org_id AND c.member_id = d.member_id",
            [list(column) for column in zip(*done, strict=True)],
        )
