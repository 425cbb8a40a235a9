"""Contact settings of a member: ordered addresses, language, zone, level, quiet hours, absence. Sealed, of equal size.

A member's row is written in its own transaction or with other settings, never with a case (leak list, L5).
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.reminders.choices import ADDRESS_LIMIT, LEAST_OPEN, LEVELS, MORNING, MOST_WAYS, QUIET
from caseapp.reminders.models import Channel
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

SIZE = 2000  # bytes, for every member: two more addresses or an absence must not show in the size


class Way(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Address of a member. `kind`: email, text, signal, matrix, push; `shown`: the part that a page may show.

    state      new, works (accepted by its server on `state_on`) or refused (permanently rejected on that day)
    came_back  refused by a later bounce: acceptance by the mail server proves nothing, so it is not tried again
    """

    kind: str
    address: str
    shown: str = ""
    state: str = "new"
    state_on: date | None = None
    came_back: bool = False

    def __repr__(self) -> str:
        return f"<Way {self.kind}>"


class Away(msgspec.Struct, kw_only=True, frozen=True):
    """Absence: from the first to the last of these days all messages go to the stand-in."""

    first: date
    last: date
    stand_in: UUID


class Ways(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Contact settings of a member.

    address  the e-mail
    zone     an IANA name
    level    normal (messages on days with items and some others) or constant
    state, state_on, came_back  of the e-mail, as in `ReminderAddress`
    since    when the e-mail was set, or None if that was before this was recorded
    quiet   minutes of the day, from and to, or None: messages that are not urgent wait meanwhile
    digest  weekday (Monday is 0) on which a message always goes out; others then wait up to two days to be gathered
    gone    removed from the office: all messages go to `successor`, or to all admins if there is none
    """

    address: str
    language: str = "en"
    zone: str = "UTC"
    admin: bool = False
    level: str = "normal"
    supervisor: bool = False
    state: str = "new"
    state_on: date | None = None
    came_back: bool = False
    since: datetime | None = None
    others: tuple[Way, ...] = ()
    quiet: tuple[int, int] | None = QUIET
    digest: int | None = None
    away: Away | None = None
    gone: bool = False
    successor: UUID | None = None
    filler: bytes = b""

    def __repr__(self) -> str:
        return "<Ways>"

    @property
    def all(self) -> tuple[Way, ...]:
        """Return every address in the order in which they are tried; e-mail first."""
        if not self.address:
            return self.others
        mail = Way(
            kind="email", address=self.address, state=self.state, state_on=self.state_on, came_back=self.came_back
        )
        return (mail, *self.others)

    @property
    def usable(self) -> tuple[Way, ...]:
        """Return the addresses to try: those not refused; if all were, those refused at once and not by a bounce."""
        open_ones = tuple(target for target in self.all if target.state != "refused")
        return open_ones or tuple(target for target in self.all if not target.came_back)

    @property
    def is_reachable(self) -> bool:
        """Return whether at least one address was not permanently refused."""
        return any(target.state != "refused" for target in self.all)

    def is_away(self, day: date) -> bool:
        """Return whether a stand-in receives this day's messages."""
        return self.gone or bool(self.away and self.away.first <= day <= self.away.last)

    def is_quiet(self, minute: int) -> bool:
        """Return whether this minute of the member's day is in their quiet hours."""
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        return begins <= minute < ends if begins <= ends else minute >= begins or minute < ends


@dataclass(frozen=True)
class Reached:
    """Member with their contact settings."""

    org_id: UUID
    member_id: UUID
    ways: Ways

    def local(self, now: datetime) -> datetime:
        """Return this moment in the member's own zone. Raises LookupError or ValueError for an invalid zone."""
        return now.astimezone(ZoneInfo(self.ways.zone))


def sealed(org_id: UUID, member_id: UUID, ways: Ways) -> bytes:
    """Return the bytes for the member's row, of equal size for all members. Raises Refused if they do not fit."""
    plain = msgspec.msgpack.encode(msgspec.structs.replace(ways, filler=b""))
    if len(plain) > SIZE:
        raise Refused("too_long", "These addresses are too long together. Remove one.")
    full = msgspec.msgpack.encode(msgspec.structs.replace(ways, filler=bytes(SIZE - len(plain))))
    return operational.seal_setting(server_keys.operational_key(), org_id, member_id, full)


def set_address(
    org_id: UUID,
    member_id: UUID,
    *,
    address: str,
    language: str,
    zone: str,
    admin: bool,
    level: str | None = None,
    supervisor: bool = False,
) -> None:
    """Save the contact settings of a member in the caller's transaction of that office. Their other choices are kept.

    level  None: unchanged; for a new member the office's level
    """
    existing = None
    with suppress(OpenFailed):  # a row that no longer opens is replaced
        existing = _locked(org_id, member_id)
    before = existing or Ways(address="", level=level or level_of(org_id))
    changed = msgspec.structs.replace(
        before, address=address.strip(), language=language, zone=zone, admin=admin, supervisor=supervisor,
        level=level or before.level, gone=False, successor=None,
    )  # fmt: skip
    if changed.address != before.address:
        changed = with_mail(changed, changed.address)
    _save(org_id, member_id, changed)


def change(org_id: UUID, member_id: UUID, changed: Callable[[Ways], Ways]) -> Ways:
    """Apply a change to a member's current settings in the caller's transaction of that office.

    Raises NotFound, OpenFailed, Refused.
    """
    before = _locked(org_id, member_id)
    if before is None:
        raise NotFound(f"channel of member {member_id}")
    after = checked(changed(before))
    if after != before:
        _save(org_id, member_id, after)
    return after


def follow(org_id: UUID, member_id: UUID, *, language: tuple[str, str], zone: tuple[str, str]) -> bool:
    """Update the language and zone of messages with those of the member's pages; return whether anything changed.

    Each is (before, after); a member who chose another one for messages keeps it. In the caller's transaction of that
    office.
    """

    def followed(ways: Ways) -> Ways:
        if ways.language == language[0]:
            ways = msgspec.structs.replace(ways, language=language[1])
        return msgspec.structs.replace(ways, zone=zone[1]) if ways.zone == zone[0] else ways

    with suppress(NotFound, OpenFailed):  # the page Reminders reports a row that is missing or altered
        before = _locked(org_id, member_id)
        return before is not None and change(org_id, member_id, followed) != before
    return False


def checked(ways: Ways) -> Ways:
    """Return the settings if reminders can be delivered with them. Raises Refused."""
    if len(ways.all) > MOST_WAYS:
        raise Refused("ways", "Four addresses are enough. Remove one first.")
    if any(len(target.address) > ADDRESS_LIMIT for target in ways.all):
        raise Refused("address", "This address is too long.")
    if ways.quiet is not None:
        opens = sum(not ways.is_quiet(minute) for minute in range(MORNING * 60, 24 * 60))
        if opens < LEAST_OPEN:
            raise Refused("quiet", "Leave at least four hours between 7:00 and midnight in which messages may come.")
    if ways.away and ways.away.last < ways.away.first:
        raise Refused("away", "The last day is before the first.")
    return ways


def set_role(org_id: UUID, member_id: UUID, *, admin: bool, supervisor: bool) -> None:
    """Set who gets self-tests and alarms (admins) and is notified of unreachable colleagues (supervisors).

    In the transaction that changes the role.
    """
    with suppress(NotFound):
        change(org_id, member_id, lambda ways: msgspec.structs.replace(ways, admin=admin, supervisor=supervisor))


def note_state(reached: Reached, way: Way, state: str, on: date) -> None:
    """Record in the caller's transaction that an address works or was refused, if the member still has it."""
    with suppress(NotFound):
        change(reached.org_id, reached.member_id, lambda ways: with_state(ways, way, state, on))


def with_mail(ways: Ways, address: str) -> Ways:
    """Return the settings with another e-mail, whose state is new."""
    since = clock.now().replace(second=0, microsecond=0)  # to the minute, like the times in the log
    return msgspec.structs.replace(ways, address=address, state="new", state_on=None, came_back=False, since=since)


def note_came_back(org_id: UUID, member_id: UUID, *, handed_over_at: datetime, on: date) -> None:
    """Record that a message to a member's e-mail bounced, unless the e-mail was changed since. Raises OpenFailed.

    In the caller's transaction.
    """

    def changed(ways: Ways) -> Ways:
        if not ways.address or (ways.since is not None and handed_over_at < ways.since):
            return ways
        return with_state(ways, ways.all[0], "refused", on, came_back=True)

    with suppress(NotFound):
        change(org_id, member_id, changed)


def trust_again(org_id: UUID, member_id: UUID) -> None:
    """Allow one more try of an e-mail that bounced, in the caller's transaction of that office."""
    with suppress(NotFound, OpenFailed):
        change(org_id, member_id, lambda ways: msgspec.structs.replace(ways, came_back=False))


def with_state(ways: Ways, way: Way, state: str, on: date, *, came_back: bool = False) -> Ways:
    """Return the settings with a new state of this address."""
    if way.kind == "email" and way.address == ways.address:
        return msgspec.structs.replace(ways, state=state, state_on=on, came_back=came_back)
    others = tuple(
        msgspec.structs.replace(other, state=state, state_on=on) if other.address == way.address else other
        for other in ways.others
    )
    return msgspec.structs.replace(ways, others=others)


def set_level(org_id: UUID, level: str) -> None:
    """Set the level of all members of the office, in the caller's transaction of it. Raises Refused."""
    if level not in LEVELS:
        raise Refused("level", "Choose one of the offered values.")
    for row in _rows(Channel.objects.select_for_update().filter(org_id=org_id).order_by("member_id")):
        if row.ways.level != level:
            _save(org_id, row.member_id, msgspec.structs.replace(row.ways, level=level))


def level_of(org_id: UUID) -> str:
    """Return the office's level: constant if all its members have it, otherwise normal, also where nothing is set."""
    levels = {row.ways.level for row in of_office(org_id)}
    return "constant" if levels == {"constant"} else "normal"


def opened(row: Channel) -> Reached:
    """Return the opened row of a member. Raises OpenFailed."""
    return Reached(row.org_id, row.member_id, open_ways(row.org_id, row.member_id, bytes(row.sealed)))


def open_ways(org_id: UUID, member_id: UUID, content: bytes) -> Ways:
    """Return the settings in a member's row. Raises OpenFailed."""
    plain = operational.open_setting(server_keys.operational_key(), org_id, member_id, content)
    try:
        return msgspec.structs.replace(msgspec.msgpack.decode(plain, type=Ways), filler=b"")
    except msgspec.MsgspecError:
        raise OpenFailed(f"channel of member {member_id} does not read") from None  # the cause may quote an address


def get(org_id: UUID, member_id: UUID) -> Reached | None:
    """Return a member with their settings, or None if none are set. Raises OpenFailed."""
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    return opened(row) if row else None


def of_office(org_id: UUID) -> list[Reached]:
    """Return all members of an office who were not removed, without rows that do not open.

    In the caller's transaction of that office.
    """
    return [row for row in _rows(Channel.objects.filter(org_id=org_id)) if not row.ways.gone]


def admins(org_id: UUID) -> list[Reached]:
    """Return the admins of an office who have an address, in the caller's transaction of that office."""
    return [recipient for recipient in of_office(org_id) if recipient.ways.admin and recipient.ways.all]


def minders(org_id: UUID, member_id: UUID) -> list[Reached]:
    """Return the colleagues to notify of an unreachable member: supervisors, else admins, never the member."""
    others = [recipient for recipient in of_office(org_id) if recipient.member_id != member_id and recipient.ways.all]
    supervisors, admins = (
        [other for other in others if other.ways.supervisor],
        [other for other in others if other.ways.admin],
    )
    if any(other.ways.usable for other in supervisors):
        return supervisors
    return admins or supervisors


def heir(people: Mapping[UUID, Reached], member_id: UUID, day: date) -> UUID | None:
    """Return the receiver of a member's messages on a day: the member, their stand-in or successor, or a present admin.

    people  all members of the office, including removed ones
    None    no member is present
    """
    at, passed = member_id, set[UUID]()
    while at in people and people[at].ways.is_away(day) and at not in passed:
        passed.add(at)
        settings = people[at].ways
        following = settings.successor if settings.gone else settings.away.stand_in if settings.away else None
        if following is None:
            break
        at = following
    if at in people and not people[at].ways.is_away(day) and people[at].ways.all:
        return at
    present = sorted(who for who, recipient in people.items() if recipient.ways.all and not recipient.ways.is_away(day))
    for admin in present:
        if people[admin].ways.admin:
            return admin
    if present:
        return present[0]
    return None if member_id not in people or people[member_id].ways.gone else member_id


def _locked(org_id: UUID, member_id: UUID) -> Ways | None:
    row = Channel.objects.select_for_update().filter(org_id=org_id, member_id=member_id).first()
    return opened(row).ways if row else None


def _save(org_id: UUID, member_id: UUID, ways: Ways) -> None:
    content = sealed(org_id, member_id, ways)
    Channel.objects.update_or_create(org_id=org_id, member_id=member_id, defaults={"sealed": content})


def _rows(rows: Iterable[Channel]) -> list[Reached]:
    opened_rows = []
    for row in rows:
        with suppress(OpenFailed):  # one damaged row must not stop messages to the others
            opened_rows.append(opened(row))
    return opened_rows
