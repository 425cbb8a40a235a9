"""The statements of a round of sending: who is there, what waits for them, who is claimed, what went out.

A member is claimed by a lease in their row, taken with SKIP LOCKED and ended by the database's own clock, which no test
and no administrator moves. Nothing is locked while a mail server or a gateway is being talked to.
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
from caseapp.reminders.recipients import Reached
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed

LEASE = 60.0  # seconds; taken anew while a batch is being sent
AT_ONCE = 500  # members looked at in one go
MAIL_DOMAIN = "list.invalid"
SEEN_WITHIN = timedelta(days=4)  # how old the lines are that a look can mark, and that are written anew with it
log = logging.getLogger("caseapp.reminders")
Line = tuple[str, UUID, bytes, str, str, str, datetime]


@dataclass(frozen=True)
class Person:
    """A member's row as it was read. `tries`: how often in a row nothing could be handed over."""

    reached: Reached
    checked_on: date | None
    tries: int
    try_after: datetime | None

    @property
    def org_id(self) -> UUID:
        """The office."""
        return self.reached.org_id

    @property
    def member_id(self) -> UUID:
        """The member."""
        return self.reached.member_id


@dataclass
class Waiting:
    """A member's fire rows that wait: which, whether one is urgent, and the oldest day among them."""

    ids: list[UUID] = field(default_factory=list)
    urgent: bool = False
    oldest: date | None = None


def offices() -> Iterator[list[UUID]]:
    """All offices, several at a time, so that a round takes few statements however many small offices there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id, count(*) FROM reminders_channel GROUP BY org_id ORDER BY org_id")
        counts = cursor.fetchall()
    found: list[UUID] = []
    members = 0
    for org_id, count in counts:
        found.append(org_id)
        members += count
        if members >= AT_ONCE:
            yield found
            found, members = [], 0
    if found:
        yield found


def people(orgs: Collection[UUID]) -> list[Person]:
    """Everybody of these offices; whose row does not open is said in the log and left out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM reminders_channel c WHERE org_id = ANY(%s)", [list(orgs)])  # noqa: S608  # a constant
        return list(_persons(cursor.fetchall()))


_COLUMNS = "c.org_id, c.member_id, c.sealed, c.checked_on, c.tries, c.try_after"
_PersonRow = tuple[UUID, UUID, bytes, date | None, int, datetime | None]


def _persons(rows: Iterable[_PersonRow]) -> Iterator[Person]:
    for org_id, member_id, sealed, checked_on, tries, try_after in rows:
        try:
            ways = recipients.open_ways(org_id, member_id, bytes(sealed))
        except OpenFailed as exc:
            # One member's damaged row keeps nobody else from being reminded.
            log.error("member %s cannot be reminded: %s", member_id, type(exc).__name__)
            continue
        yield Person(Reached(org_id, member_id, ways), checked_on, tries, try_after)


def lease(holder: UUID, wanted: Sequence[Person]) -> list[Person]:
    """Claim these members for `holder`, without waiting; answers those had, as their rows stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel c SET lease = %s, leased_until = clock_timestamp() + make_interval(secs => %s)"  # noqa: S608  # a constant
            " FROM (SELECT org_id, member_id FROM reminders_channel"
            "  WHERE (org_id, member_id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))"
            "  AND (leased_until IS NULL OR leased_until < clock_timestamp())"
            "  ORDER BY member_id FOR UPDATE SKIP LOCKED) f"
            " WHERE c.org_id = f.org_id AND c.member_id = f.member_id"
            f" RETURNING {_COLUMNS}",
            [holder, LEASE, [p.org_id for p in wanted], [p.member_id for p in wanted]],
        )
        return list(_persons(cursor.fetchall()))


def renew(holder: UUID) -> set[UUID]:
    """Hold on to what is still to be sent; answers the members that are still ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET leased_until = clock_timestamp() + make_interval(secs => %s)"
            " WHERE lease = %s RETURNING member_id",
            [LEASE, holder],
        )
        return {row[0] for row in cursor.fetchall()}


def release(holder: UUID) -> None:
    """Let go of whatever this holder still has."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reminders_channel SET lease = NULL, leased_until = NULL WHERE lease = %s", [holder])


def lookup(org_id: UUID, member: UUID, day: date) -> bytes:
    """Where a member's day is found; only who holds the operational key can compute it."""
    number = day.toordinal().to_bytes(4, "big")
    return primitives.mac(server_keys.operational_key(), b"fire", org_id.bytes, member.bytes, number)


def waiting(spans: Sequence[tuple[Reached, date, date]]) -> dict[UUID, Waiting]:
    """By member, the fire rows not yet sent of each member's days from the first to the last."""
    places = {
        lookup(reached.org_id, reached.member_id, day): (reached, day, last)
        for reached, first, last in spans
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    }
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lookup, sealed, sent_on FROM reminders_fire WHERE lookup = ANY(%b)"
            " AND (sent_on IS NULL OR sent_on > %s)",
            [list(places), min(last for _, _, last in places.values())],
        )
        rows = cursor.fetchall()
    found: dict[UUID, Waiting] = defaultdict(Waiting)
    for row_id, place, sealed, sent_on in rows:
        reached, day, last = places[bytes(place)]
        if sent_on is not None and sent_on <= last:
            continue  # "sent later than today" was sent while the clock stood wrong, and only that is sent again
        one = found[reached.member_id]
        one.ids.append(row_id)
        one.urgent = one.urgent or _is_urgent(reached, row_id, bytes(sealed))
        one.oldest = min(one.oldest or day, day)
    return found


def _is_urgent(reached: Reached, row_id: UUID, sealed: bytes) -> bool:
    try:
        return operational.open_fire(server_keys.operational_key(), reached.org_id, row_id, sealed).urgent
    except OpenFailed as exc:
        # Whatever it said, the day is one to be reminded of: the text is the same.
        log.error("fire row %s does not open: %s", row_id, type(exc).__name__)
        return True


def is_drawn(reached: Reached, day: date, label: bytes) -> bool:
    """Whether a day without need gets a message too. Chosen by key: stable, not to be foreseen; constant: every day."""
    if reached.ways.level == "constant":
        return True
    number = day.toordinal().to_bytes(4, "big")
    drawn = primitives.mac(server_keys.operational_key(), label, reached.member_id.bytes, number)
    return drawn[0] < choices.OTHER_DAYS


def message_id(reached: Reached, day: date, what: str) -> str:
    """The same for the same member, day and kind, so that a repeat is seen as one; tells nothing without the key."""
    return message_id_of(reached.org_id, reached.member_id, day, what)


def message_id_of(org_id: UUID, member_id: UUID, day: date, what: str) -> str:
    """The same by ids alone."""
    number = day.toordinal().to_bytes(4, "big")
    key = server_keys.operational_key()
    tag = primitives.mac(key, b"message", org_id.bytes, member_id.bytes, number, what.encode())
    return f"<{tag[:20].hex()}@{MAIL_DOMAIN}>"


def logged(ids: Collection[str]) -> dict[str, datetime]:
    """Which of these messages went out, and in which minute. A line from later than now was written while the clock
    stood wrong.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, at FROM reminders_delivery WHERE message_id = ANY(%s) AND state = 'sent' AND at <= %s",
            [list(ids), clock.now() + timedelta(hours=1)],
        )
        return dict(cursor.fetchall())


def unseen(ids: Collection[str], before: datetime) -> set[str]:
    """Which of these messages went out before that moment and were not followed by a look at Today."""
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
    """After these messages of an office somebody opened Today. All its lines of the last days are written with them,
    so that no number of a transaction says who it was just then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_delivery d SET seen = d.seen OR d.message_id = ANY(%s) FROM"
            " (SELECT message_id FROM reminders_delivery WHERE org_id = %s AND at > %s ORDER BY message_id"
            "  FOR UPDATE) f WHERE d.message_id = f.message_id",
            [list(mids), org_id, clock.now() - SEEN_WITHIN],
        )


def urgent_among(sent: Collection[tuple[Reached, date]]) -> set[UUID]:
    """Members whose message of that day settled something urgent, of that day or of one before it."""
    places = {
        lookup(reached.org_id, reached.member_id, day - timedelta(days=n)): (reached, day)
        for reached, day in sent
        for n in range(LOOK_BACK.days + 1)
    }
    if not places:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, lookup, sealed, sent_on FROM reminders_fire WHERE lookup = ANY(%s) AND sent_on IS NOT NULL",
            [list(places)],
        )
        rows = cursor.fetchall()
    found = set()
    for row_id, place, sealed, sent_on in rows:
        reached, day = places[bytes(place)]
        if sent_on == day and _is_urgent(reached, row_id, bytes(sealed)):
            found.add(reached.member_id)
    return found


def mark_sent(org_id: UUID, line: Line, fires: Sequence[UUID], on: date) -> None:
    """The server took it: the log line and the fire rows it settles, in one statement, on disk.

    line  message id, office, sealed, what, by, state, at
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [*line, on, org_id, list(fires)])
        for _ in range(MERGES):
            if cursor.rowcount == len(fires):
                return
            # A merge put these rows in anew while we waited for it: the statement did not see the new ones.
            cursor.execute(_DAYS, [on, org_id, list(fires)])


def settle(holder: UUID, done: Sequence[tuple[UUID, UUID]], on: Sequence[date]) -> None:
    """These members were told: no tries, looked at up to that day, free again. `done`: office and member."""
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


MERGES = 3
_LINE = (
    "INSERT INTO reminders_delivery (message_id, org_id, sealed, what, by, state, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (message_id) DO UPDATE SET sealed = EXCLUDED.sealed, by = EXCLUDED.by, state = EXCLUDED.state,"
    " at = EXCLUDED.at"
)
_OWED = (
    "INSERT INTO reminders_delivery (message_id, org_id, sealed, what, by, state, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (message_id) DO NOTHING"
)
_DAYS = "UPDATE reminders_fire SET sent_on = %s WHERE org_id = %s AND id = ANY(%s)"
_MARK = f"WITH line AS ({_LINE}) {_DAYS}"


def owe(line: Line) -> None:
    """A line of the log for what is yet to be sent; one that went out already stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, list(line))


def owed() -> list[tuple[UUID, UUID, str, str, datetime]]:
    """Office, member, Message-ID, kind and time of what is yet to be sent, without lines that do not open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT org_id, sealed, message_id, what, at FROM reminders_delivery WHERE state = 'owed'")
        rows = cursor.fetchall()
    found = []
    for org_id, sealed, mid, what, at in rows:
        try:
            member = operational.open_logged(server_keys.operational_key(), org_id, mid, bytes(sealed))
        except OpenFailed as exc:
            log.error("a message that is owed does not open: %s", type(exc).__name__)
            continue
        found.append((org_id, member, mid, what, at))
    return found


def write_line(line: Line) -> None:
    """A line of the log alone."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, list(line))


def mark_failed(person: Person, *, try_after: datetime) -> None:
    """No channel took it: wait until then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel SET tries = LEAST(tries + 1, 1000), try_after = %s, lease = NULL,"
            " leased_until = NULL WHERE org_id = %s AND member_id = %s",
            [try_after, person.org_id, person.member_id],
        )


def mark_checked(done: Sequence[tuple[UUID, UUID, date]]) -> None:
    """Nothing of theirs waits: the next look back may begin here. Members of several offices in one statement."""
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_channel c SET checked_on = d.day"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS d(org_id, member_id, day)"
            " WHERE c.org_id = d.org_id AND c.member_id = d.member_id",
            [list(column) for column in zip(*done, strict=True)],
        )
