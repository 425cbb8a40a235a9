"""Contact settings of a member: ordered addresses, language, zone, level, quiet hours, absence. Sealed, of equal size.

A member's row is written in its own transaction or with other settings, never with a case (leak list, L5).
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.reminders.choices import (
    ADDRESS_LIMIT,
    DEFAULT_QUIET_HOURS,
    LEVELS,
    MAX_ADDRESSES,
    MIN_OPEN_MINUTES,
    MORNING_HOUR,
)
from caseapp.reminders.models import Channel
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

TEMPORARY_STATES = ("full", "held")  # of an address that was refused through no fault of its own
REST_AFTER_BOUNCE = timedelta(hours=20)  # less than a day: the next morning's message tries it again
SETTINGS_BYTES = 2000  # bytes, for every member: two more addresses or an absence must not show in the size


class ReminderAddress(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Address of a member. `kind`: email, text, signal, matrix, push; `shown`: the part that a page may show.

    state        new, works (accepted by its server on `state_on`), refused (permanently rejected on that day: no such
                 mailbox), full (its mailbox has no room) or held (turned away, and not because of the address)
    came_back    so by a later bounce: acceptance by the mail server proves nothing. What is refused is not tried again,
                 what is full or held is tried once a day
    answer       the codes of the refusal, for example "550 5.1.1"
    answered_at  when it was refused, to the minute
    """

    kind: str
    address: str
    shown: str = ""
    state: str = "new"
    state_on: date | None = None
    came_back: bool = False
    answer: str = ""
    answered_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<Way {self.kind}>"

    @property
    def is_refused(self) -> bool:
        """Return whether the address itself was rejected."""
        return self.state == "refused"

    @property
    def is_resting(self) -> bool:
        """Return whether it waits after a bounce that was not its fault, so that no message goes to and fro."""
        if not self.came_back or self.state not in TEMPORARY_STATES or self.answered_at is None:
            return False
        return abs(clock.now() - self.answered_at) < REST_AFTER_BOUNCE


class Absence(msgspec.Struct, kw_only=True, frozen=True):
    """Absence: from the first to the last of these days all messages go to the stand-in."""

    first: date
    last: date
    stand_in: UUID


class RecipientSettings(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Contact settings of a member.

    address  the e-mail
    zone     an IANA name
    level    normal (messages on days with items and some others) or constant
    state, state_on, came_back, answer, answered_at  of the e-mail, as in `ReminderAddress`
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
    others: tuple[ReminderAddress, ...] = ()
    quiet: tuple[int, int] | None = DEFAULT_QUIET_HOURS
    digest: int | None = None
    away: Absence | None = None
    gone: bool = False
    successor: UUID | None = None
    filler: bytes = b""
    answer: str = ""
    answered_at: datetime | None = None

    def __repr__(self) -> str:
        return "<Ways>"

    @property
    def addresses(self) -> tuple[ReminderAddress, ...]:
        """Return every address in the order in which they are tried; e-mail first."""
        if not self.address:
            return self.others
        mail = ReminderAddress(
            kind="email",
            address=self.address,
            state=self.state,
            state_on=self.state_on,
            came_back=self.came_back,
            answer=self.answer,
            answered_at=self.answered_at,
        )
        return (mail, *self.others)

    @property
    def usable_addresses(self) -> tuple[ReminderAddress, ...]:
        """Return the addresses to try: those not refused; if all were, those refused at once and not by a bounce."""
        open_ones = tuple(target for target in self.addresses if not target.is_refused and not target.is_resting)
        return open_ones or tuple(target for target in self.addresses if not target.came_back)

    @property
    def is_reachable(self) -> bool:
        """Return whether at least one address was not permanently refused."""
        return any(not target.is_refused for target in self.addresses)

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
class Recipient:
    """Member with their contact settings."""

    org_id: UUID
    member_id: UUID
    settings: RecipientSettings

    def local_time(self, now: datetime) -> datetime:
        """Return this moment in the member's own zone. Raises LookupError or ValueError for an invalid zone."""
        return clock.local_time(now, self.settings.zone)


def seal_settings(org_id: UUID, member_id: UUID, settings: RecipientSettings) -> bytes:
    """Return the bytes for the member's row, of equal size for all members. Raises Refused if they do not fit."""
    plain = msgspec.msgpack.encode(msgspec.structs.replace(settings, filler=b""))
    if len(plain) > SETTINGS_BYTES:
        raise Refused("too_long", "These addresses are too long together. Remove one.")
    full = msgspec.msgpack.encode(msgspec.structs.replace(settings, filler=bytes(SETTINGS_BYTES - len(plain))))
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
        existing = _lock_settings(org_id, member_id)
    before = existing or RecipientSettings(address="", level=level or level_of(org_id))
    changed = msgspec.structs.replace(
        before,
        address=address.strip(),
        language=language,
        zone=zone,
        admin=admin,
        supervisor=supervisor,
        level=level or before.level,
        gone=False,
        successor=None,
    )
    if changed.address != before.address:
        changed = with_email(changed, changed.address)
    _save_settings(org_id, member_id, changed)


def change_settings(
    org_id: UUID, member_id: UUID, transform: Callable[[RecipientSettings], RecipientSettings]
) -> RecipientSettings:
    """Apply a change to a member's current settings in the caller's transaction of that office.

    Raises NotFound, OpenFailed, Refused.
    """
    before = _lock_settings(org_id, member_id)
    if before is None:
        raise NotFound(f"channel of member {member_id}")
    after = validate_settings(transform(before))
    if after != before:
        _save_settings(org_id, member_id, after)
    return after


def follow_profile(org_id: UUID, member_id: UUID, *, language: tuple[str, str], zone: tuple[str, str]) -> bool:
    """Update the language and zone of messages with those of the member's pages; return whether anything changed.

    Each is (before, after); a member who chose another one for messages keeps it. In the caller's transaction of that
    office.
    """

    def adapt_settings(settings: RecipientSettings) -> RecipientSettings:
        if settings.language == language[0]:
            settings = msgspec.structs.replace(settings, language=language[1])
        return msgspec.structs.replace(settings, zone=zone[1]) if settings.zone == zone[0] else settings

    with suppress(NotFound, OpenFailed):  # the page Reminders reports a row that is missing or altered
        before = _lock_settings(org_id, member_id)
        return before is not None and change_settings(org_id, member_id, adapt_settings) != before
    return False


def validate_settings(settings: RecipientSettings) -> RecipientSettings:
    """Return the settings if reminders can be delivered with them. Raises Refused."""
    if len(settings.addresses) > MAX_ADDRESSES:
        raise Refused("ways", "Four addresses are enough. Remove one first.")
    if any(len(target.address) > ADDRESS_LIMIT for target in settings.addresses):
        raise Refused("address", "This address is too long.")
    if settings.quiet is not None:
        opens = sum(not settings.is_quiet(minute) for minute in range(MORNING_HOUR * 60, 24 * 60))
        if opens < MIN_OPEN_MINUTES:
            raise Refused("quiet", "Leave at least four hours between 7:00 and midnight in which messages may be sent.")
    if settings.away and settings.away.last < settings.away.first:
        raise Refused("away", "The last day is before the first.")
    return settings


def set_role(org_id: UUID, member_id: UUID, *, admin: bool, supervisor: bool) -> None:
    """Set who gets self-tests and alarms (admins) and is notified of unreachable colleagues (supervisors).

    In the transaction that changes the role.
    """
    with suppress(NotFound):
        change_settings(
            org_id, member_id, lambda settings: msgspec.structs.replace(settings, admin=admin, supervisor=supervisor)
        )


def with_email(settings: RecipientSettings, address: str) -> RecipientSettings:
    """Return the settings with another e-mail, whose state is new."""
    since = clock.now().replace(second=0, microsecond=0)  # to the minute, like the times in the log
    return msgspec.structs.replace(with_fresh_email(settings), address=address, since=since)


def with_fresh_email(settings: RecipientSettings) -> RecipientSettings:
    """Return the settings with an e-mail of which nothing is known."""
    return msgspec.structs.replace(settings, state="new", state_on=None, came_back=False, answer="", answered_at=None)


def set_level(org_id: UUID, level: str) -> None:
    """Set the level of all members of the office, in the caller's transaction of it. Raises Refused."""
    if level not in LEVELS:
        raise Refused("level", "Choose one of the offered values.")
    for row in _open_rows(Channel.objects.select_for_update().filter(org_id=org_id).order_by("member_id")):
        if row.settings.level != level:
            _save_settings(org_id, row.member_id, msgspec.structs.replace(row.settings, level=level))


def level_of(org_id: UUID) -> str:
    """Return the office's level: constant if all its members have it, otherwise normal, also where nothing is set."""
    levels = {row.settings.level for row in of_office(org_id)}
    return "constant" if levels == {"constant"} else "normal"


def open_recipient(row: Channel) -> Recipient:
    """Return the opened row of a member. Raises OpenFailed."""
    return Recipient(row.org_id, row.member_id, open_settings(row.org_id, row.member_id, bytes(row.sealed)))


def open_settings(org_id: UUID, member_id: UUID, content: bytes) -> RecipientSettings:
    """Return the settings in a member's row. Raises OpenFailed."""
    plain = operational.open_setting(server_keys.operational_key(), org_id, member_id, content)
    try:
        return msgspec.structs.replace(msgspec.msgpack.decode(plain, type=RecipientSettings), filler=b"")
    except msgspec.MsgspecError:
        raise OpenFailed(f"channel of member {member_id} does not read") from None  # the cause may quote an address


def get(org_id: UUID, member_id: UUID) -> Recipient | None:
    """Return a member with their settings, or None if none are set. Raises OpenFailed."""
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    return open_recipient(row) if row else None


def of_office(org_id: UUID) -> list[Recipient]:
    """Return all members of an office who were not removed, without rows that do not open.

    In the caller's transaction of that office.
    """
    return [row for row in _open_rows(Channel.objects.filter(org_id=org_id)) if not row.settings.gone]


def admins(org_id: UUID) -> list[Recipient]:
    """Return the admins of an office who have an address, in the caller's transaction of that office."""
    return [recipient for recipient in of_office(org_id) if recipient.settings.admin and recipient.settings.addresses]


def colleagues_to_notify(org_id: UUID, member_id: UUID) -> list[Recipient]:
    """Return the colleagues to notify of an unreachable member: supervisors, else admins, never the member."""
    others = [
        recipient
        for recipient in of_office(org_id)
        if recipient.member_id != member_id and recipient.settings.addresses
    ]
    supervisors, admins = (
        [other for other in others if other.settings.supervisor],
        [other for other in others if other.settings.admin],
    )
    if any(other.settings.usable_addresses for other in supervisors):
        return supervisors
    return admins or supervisors


def receiver_for(people: Mapping[UUID, Recipient], member_id: UUID, day: date) -> UUID | None:
    """Return the receiver of a member's messages on a day: the member, their stand-in or successor, or a present admin.

    people  all members of the office, including removed ones
    None    no member is present
    """
    at, passed = member_id, set[UUID]()
    while at in people and people[at].settings.is_away(day) and at not in passed:
        passed.add(at)
        settings = people[at].settings
        following = settings.successor if settings.gone else settings.away.stand_in if settings.away else None
        if following is None:
            break
        at = following
    if at in people and not people[at].settings.is_away(day) and people[at].settings.addresses:
        return at
    present = sorted(
        who for who, recipient in people.items() if recipient.settings.addresses and not recipient.settings.is_away(day)
    )
    for admin in present:
        if people[admin].settings.admin:
            return admin
    if present:
        return present[0]
    return None if member_id not in people or people[member_id].settings.gone else member_id


def _lock_settings(org_id: UUID, member_id: UUID) -> RecipientSettings | None:
    row = Channel.objects.select_for_update().filter(org_id=org_id, member_id=member_id).first()
    return open_recipient(row).settings if row else None


def _save_settings(org_id: UUID, member_id: UUID, settings: RecipientSettings) -> None:
    content = seal_settings(org_id, member_id, settings)
    Channel.objects.update_or_create(org_id=org_id, member_id=member_id, defaults={"sealed": content})


def _open_rows(rows: Iterable[Channel]) -> list[Recipient]:
    opened_rows = []
    for row in rows:
        with suppress(OpenFailed):  # one damaged row must not stop messages to the others
            opened_rows.append(open_recipient(row))
    return opened_rows
