"""How a member is reached: addresses in order, language, zone, level, quiet hours, absence. Sealed, all of one size.

A member's row is written in a transaction of its own or with other settings, never with a case (leak list, L5).
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

SIZE = 2000  # bytes of every member's settings: whoever has two more addresses and is away looks like everybody else


class Way(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One address. `kind`: email, text, signal, matrix, push; `shown`: the little of it that a page says.

    state      new, works (taken by its server on `state_on`) or refused (said no for good on that day)
    came_back  refused by a notice that came later: the mail server's yes is worth nothing, so it is not tried again
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
    """From the first to the last of these days everything goes to the stand-in."""

    first: date
    last: date
    stand_in: UUID


class Ways(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """`address` is the e-mail; `zone` an IANA name; `level` normal (days with items and some others) or constant.

    came_back, since  of the e-mail: as of a `Way`; and when it was set, or None if that was before it was written down
    quiet   minutes of the day, from and to, or None: what is not urgent waits meanwhile
    digest  weekday (Monday is 0) on which a message always comes; others then wait up to two days to be gathered
    gone    removed from the office: everything goes to `successor`, or to all admins where there is none
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
        """Every address in the order in which they are tried; e-mail first."""
        if not self.address:
            return self.others
        mail = Way(
            kind="email", address=self.address, state=self.state, state_on=self.state_on, came_back=self.came_back
        )
        return (mail, *self.others)

    @property
    def usable(self) -> tuple[Way, ...]:
        """The addresses to try: those not refused for good; where all were, those that say so at once."""
        open_ones = tuple(way for way in self.all if way.state != "refused")
        return open_ones or tuple(way for way in self.all if not way.came_back)

    @property
    def is_reachable(self) -> bool:
        """Whether some address was not refused for good."""
        return any(way.state != "refused" for way in self.all)

    def is_away(self, day: date) -> bool:
        """Whether a stand-in has this day's messages."""
        return self.gone or bool(self.away and self.away.first <= day <= self.away.last)

    def is_quiet(self, minute: int) -> bool:
        """Whether this minute of the member's day is one of their quiet hours."""
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        return begins <= minute < ends if begins <= ends else minute >= begins or minute < ends


@dataclass(frozen=True)
class Reached:
    """A member and their ways."""

    org_id: UUID
    member_id: UUID
    ways: Ways

    def local(self, now: datetime) -> datetime:
        """This moment on the member's own clock. Raises LookupError or ValueError for a zone that is none."""
        return now.astimezone(ZoneInfo(self.ways.zone))


def sealed(org_id: UUID, member_id: UUID, ways: Ways) -> bytes:
    """The bytes for the member's row, of one size whatever they hold. Raises Refused for more than fits."""
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
    """Save how a member is reached, in the caller's transaction of that office; what else they chose is kept.

    level  None: as it was; for a new member as the rest of the office has it
    """
    found = None
    with suppress(OpenFailed):  # a row that no longer opens is made anew
        found = _locked(org_id, member_id)
    before = found or Ways(address="", level=level or level_of(org_id))
    changed = msgspec.structs.replace(
        before, address=address.strip(), language=language, zone=zone, admin=admin, supervisor=supervisor,
        level=level or before.level, gone=False, successor=None,
    )  # fmt: skip
    if changed.address != before.address:
        changed = with_mail(changed, changed.address)
    _save(org_id, member_id, changed)


def change(org_id: UUID, member_id: UUID, changed: Callable[[Ways], Ways]) -> Ways:
    """Apply a change to a member's row as it stands, in the caller's transaction of that office.

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
    """Let messages follow the language and zone of somebody's pages, each (before, after); answers whether they did.

    Who chose another for messages keeps it. In the caller's transaction of that office.
    """

    def followed(ways: Ways) -> Ways:
        if ways.language == language[0]:
            ways = msgspec.structs.replace(ways, language=language[1])
        return msgspec.structs.replace(ways, zone=zone[1]) if ways.zone == zone[0] else ways

    with suppress(NotFound, OpenFailed):  # who has no address yet, or an altered one, hears of that on Reminders
        before = _locked(org_id, member_id)
        return before is not None and change(org_id, member_id, followed) != before
    return False


def checked(ways: Ways) -> Ways:
    """The ways, if reminders can go out by them. Raises Refused."""
    if len(ways.all) > MOST_WAYS:
        raise Refused("ways", "Four addresses are enough. Remove one first.")
    if any(len(way.address) > ADDRESS_LIMIT for way in ways.all):
        raise Refused("address", "This address is too long.")
    if ways.quiet is not None:
        opens = sum(not ways.is_quiet(minute) for minute in range(MORNING * 60, 24 * 60))
        if opens < LEAST_OPEN:
            raise Refused("quiet", "Leave at least four hours between 7:00 and midnight in which messages may come.")
    if ways.away and ways.away.last < ways.away.first:
        raise Refused("away", "The last day is before the first.")
    return ways


def set_role(org_id: UUID, member_id: UUID, *, admin: bool, supervisor: bool) -> None:
    """Who gets self-tests and alarms, and who is told of colleagues, in the transaction that changes the role."""
    with suppress(NotFound):
        change(org_id, member_id, lambda ways: msgspec.structs.replace(ways, admin=admin, supervisor=supervisor))


def note_state(reached: Reached, way: Way, state: str, on: date) -> None:
    """Remember that an address works or was refused, if it still stands there, in the caller's transaction."""
    with suppress(NotFound):
        change(reached.org_id, reached.member_id, lambda ways: with_state(ways, way, state, on))


def with_mail(ways: Ways, address: str) -> Ways:
    """The ways with another e-mail, of which nothing is known yet."""
    since = clock.now().replace(second=0, microsecond=0)  # to the minute, like the log
    return msgspec.structs.replace(ways, address=address, state="new", state_on=None, came_back=False, since=since)


def note_came_back(org_id: UUID, member_id: UUID, *, handed_over_at: datetime, on: date) -> None:
    """Remember that what went to a member's e-mail came back, unless it is another e-mail since, in the caller's
    transaction. Raises OpenFailed.
    """

    def changed(ways: Ways) -> Ways:
        if not ways.address or (ways.since is not None and handed_over_at < ways.since):
            return ways
        return with_state(ways, ways.all[0], "refused", on, came_back=True)

    with suppress(NotFound):
        change(org_id, member_id, changed)


def trust_again(org_id: UUID, member_id: UUID) -> None:
    """Let an e-mail from which messages came back be tried once more, in the caller's transaction of that office."""
    with suppress(NotFound, OpenFailed):
        change(org_id, member_id, lambda ways: msgspec.structs.replace(ways, came_back=False))


def with_state(ways: Ways, way: Way, state: str, on: date, *, came_back: bool = False) -> Ways:
    """The ways with another state of this address."""
    if way.kind == "email" and way.address == ways.address:
        return msgspec.structs.replace(ways, state=state, state_on=on, came_back=came_back)
    others = tuple(
        msgspec.structs.replace(other, state=state, state_on=on) if other.address == way.address else other
        for other in ways.others
    )
    return msgspec.structs.replace(ways, others=others)


def set_level(org_id: UUID, level: str) -> None:
    """The level of everybody in the office, in the caller's transaction of it. Raises Refused."""
    if level not in LEVELS:
        raise Refused("level", "Choose one of the offered values.")
    for row in _rows(Channel.objects.select_for_update().filter(org_id=org_id).order_by("member_id")):
        if row.ways.level != level:
            _save(org_id, row.member_id, msgspec.structs.replace(row.ways, level=level))


def level_of(org_id: UUID) -> str:
    """The office's level; normal where nothing is set yet."""
    levels = {row.ways.level for row in of_office(org_id)}
    return "constant" if levels == {"constant"} else "normal"


def opened(row: Channel) -> Reached:
    """A row's ways. Raises OpenFailed."""
    return Reached(row.org_id, row.member_id, open_ways(row.org_id, row.member_id, bytes(row.sealed)))


def open_ways(org_id: UUID, member_id: UUID, content: bytes) -> Ways:
    """What a member's row holds. Raises OpenFailed."""
    plain = operational.open_setting(server_keys.operational_key(), org_id, member_id, content)
    try:
        return msgspec.structs.replace(msgspec.msgpack.decode(plain, type=Ways), filler=b"")
    except msgspec.MsgspecError:
        raise OpenFailed(f"channel of member {member_id} does not read") from None  # the cause may quote an address


def get(org_id: UUID, member_id: UUID) -> Reached | None:
    """A member's ways, or None where none are set. Raises OpenFailed."""
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    return opened(row) if row else None


def of_office(org_id: UUID) -> list[Reached]:
    """Everybody of an office who was not removed, in the caller's transaction of it, without rows that do not open."""
    return [row for row in _rows(Channel.objects.filter(org_id=org_id)) if not row.ways.gone]


def admins(org_id: UUID) -> list[Reached]:
    """The admins of an office who have an address, in the caller's transaction of that office."""
    return [reached for reached in of_office(org_id) if reached.ways.admin and reached.ways.all]


def minders(org_id: UUID, member_id: UUID) -> list[Reached]:
    """Who is told when a member cannot be reached: supervisors, else admins, never the member."""
    others = [reached for reached in of_office(org_id) if reached.member_id != member_id and reached.ways.all]
    supervisors, admins = [one for one in others if one.ways.supervisor], [one for one in others if one.ways.admin]
    if any(one.ways.usable for one in supervisors):
        return supervisors
    return admins or supervisors


def heir(people: Mapping[UUID, Reached], member_id: UUID, day: date) -> UUID | None:
    """Who gets a member's messages on a day: they, their stand-in or successor, or an admin who is there.

    people  everybody of the office, the removed ones included
    None    nobody is there at all
    """
    at, passed = member_id, set[UUID]()
    while at in people and people[at].ways.is_away(day) and at not in passed:
        passed.add(at)
        ways = people[at].ways
        following = ways.successor if ways.gone else ways.away.stand_in if ways.away else None
        if following is None:
            break
        at = following
    if at in people and not people[at].ways.is_away(day) and people[at].ways.all:
        return at
    present = sorted(who for who, one in people.items() if one.ways.all and not one.ways.is_away(day))
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
    found = []
    for row in rows:
        with suppress(OpenFailed):  # one damaged row must not keep the others from being told
            found.append(opened(row))
    return found
