"""View models of the reminder pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.reminder_ladder import HEARING_OFFSETS, OFFSETS
from caseapp.reminders import recipients
from caseapp.reminders.monitoring import status
from caseapp.reminders.recipients import Reached, Way
from caseapp.reminders.sending import delivery_log, preferences
from caseapp.ui.display import tags
from caseapp.ui.display.colleagues import Names, colleagues_of, names_of

KINDS = {
    "email": gettext_lazy("E-mail"),
    "text": gettext_lazy("Text message"),
    "signal": gettext_lazy("Signal"),
    "matrix": gettext_lazy("Matrix"),
    "push": gettext_lazy("Push"),
}
WHATS = {
    "reminder": gettext_lazy("reminder"),
    "self-test": gettext_lazy("self-test"),
    "alarm": gettext_lazy("alarm"),
    "unreached": gettext_lazy("colleague not reached"),
    "test": gettext_lazy("test"),
    "new-way": gettext_lazy("account opened in a new way"),
}


# The status kind and the word for each delivery state of a message.
_STATES = {
    "sent": ("done", gettext_lazy("handed over")),
    "owed": ("waiting", gettext_lazy("is being tried")),
    "stuck": ("passed", gettext_lazy("did not arrive")),
    "bounced": ("passed", gettext_lazy("came back")),
}


@dataclass(frozen=True)
class WayLine:
    """One address with its state. `number` is its position in the order in which addresses are tried."""

    number: int
    kind: str
    shown: str
    tone: str
    word: str
    can_go: bool


@dataclass(frozen=True)
class MemberLine:
    """One colleague in the admin's list."""

    name: str
    by: str
    month: str
    tone: str
    word: str


@dataclass(frozen=True)
class SettingsPage:
    """Values of the settings page, without its forms. `month` sums up the messages of the last 30 days."""

    ways: tuple[WayLine, ...]
    month: str
    away: str
    hearings: str
    deadlines: str
    members: tuple[MemberLine, ...]
    is_admin: bool


@dataclass(frozen=True)
class LogLine:
    """One message in the delivery log. It never says what the message was about."""

    at: datetime
    on: date
    name: str
    by: str
    what: str
    tone: str
    word: str
    member: str


@dataclass(frozen=True)
class LogPage:
    """Values of the delivery log: messages that went out, and messages that did not arrive."""

    stuck: tuple[LogLine, ...]
    lines: tuple[LogLine, ...]
    zone: str
    late: tuple[str, ...]
    is_whole: bool


def settings_page(staff: Staff, reached: Reached) -> SettingsPage:
    """Return the settings page of one member; an admin's page also lists how each member is reached."""
    names = names_of(colleagues_of(staff.keys))
    addresses = tuple(_way(number, channel) for number, channel in enumerate(reached.ways.all))
    months = delivery_log.month_of(staff.org_id)
    return SettingsPage(
        ways=addresses,
        month=_month(months.get(staff.member_id)),
        away=_away(reached, names),
        hearings=", ".join(str(day) for day in HEARING_OFFSETS),
        deadlines=", ".join(str(day) for day in OFFSETS["fatal"] if day),
        members=_members(staff, names, months) if staff.is_admin else (),
        is_admin=staff.is_admin,
    )


def shown_of(way: Way) -> str:
    """Return the text a page shows for an address: an e-mail in full, a gateway only in its non-secret part."""
    return way.address if way.kind == "email" else way.shown


def _way(number: int, way: Way) -> WayLine:
    tone, word = _state(way)
    return WayLine(number, str(KINDS.get(way.kind, way.kind)), shown_of(way), tone, word, way.kind != "email")


def _state(way: Way) -> tuple[str, str]:
    on = tags.day(way.state_on) if way.state_on else ""
    if way.state == "works":
        return "done", _("works, %(on)s") % {"on": on}
    if way.state == "refused":
        return "passed", _("refused, %(on)s") % {"on": on}
    return "not-tested", _("not tested")


def _away(reached: Reached, names: Names) -> str:
    away = reached.ways.away
    if away is None:
        return ""
    values = {"first": tags.day(away.first), "last": tags.day(away.last), "name": names.get(away.stand_in, "?")}
    return _("From %(first)s to %(last)s %(name)s hears in your place.") % values


def _month(month: delivery_log.Month | None) -> str:
    if month is None or not month.sent:
        return _("No message in the last 30 days.")
    values = {"total": month.sent, "seen": month.seen}
    return (
        ngettext(
            "%(total)s message in the last 30 days; Today was opened by the next day after %(seen)s.",
            "%(total)s messages in the last 30 days; Today was opened by the next day after %(seen)s of them.",
            month.sent,
        )
        % values
    )


def _members(staff: Staff, names: Names, months: Mapping[UUID, delivery_log.Month]) -> tuple[MemberLine, ...]:
    lines = []
    for reached in recipients.of_office(staff.org_id):
        kinds = ", ".join(str(KINDS.get(channel.kind, channel.kind)) for channel in reached.ways.all)
        if not reached.ways.is_reachable:
            tone, word = "passed", _("no address works")
        elif any(channel.state == "refused" for channel in reached.ways.all):
            tone, word = "soon", _("one address was refused")
        else:
            tone, word = "done", _("can be reached")
        name = names.get(reached.member_id, _("a colleague"))
        lines.append(MemberLine(name, kinds, _month(months.get(reached.member_id)), tone, word))
    return tuple(sorted(lines, key=lambda line: (line.tone == "done", line.name.casefold())))


def log_page(staff: Staff) -> LogPage:
    """Return the office's messages for admins and supervisors, and the member's own messages for others."""
    names = names_of(colleagues_of(staff.keys))
    whole = staff.is_admin or staff.role == "supervisor"
    mine = [line for line in delivery_log.log_of(staff.org_id) if whole or line.member_id == staff.member_id]
    stuck = delivery_log.log_of(staff.org_id, state="stuck")
    return LogPage(
        stuck=tuple(_line(line, names, staff.zone) for line in stuck if whole or line.member_id == staff.member_id),
        lines=tuple(_line(line, names, staff.zone) for line in mine if line.state != "stuck"),
        zone=staff.zone,
        late=status.status().late,
        is_whole=whole,
    )


def _line(line: delivery_log.Sent, names: Names, zone: str) -> LogLine:
    tone, word = _STATES.get(line.state, _STATES["stuck"])
    return LogLine(
        at=line.at,
        on=tags.local_day(line.at, zone),
        name=names.get(line.member_id, _("a colleague")),
        by=str(KINDS.get(line.by, line.by)),
        what=str(WHATS.get(line.what, line.what)),
        tone=tone,
        word=str(word),
        member=str(line.member_id),
    )


def colleagues(staff: Staff) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the colleagues who can stand in: members with stored reminder addresses."""
    known = {person.member_id for person in recipients.of_office(staff.org_id)}
    team = colleagues_of(staff.keys)
    return tuple(
        (str(person.member_id), person.name)
        for person in team
        if person.member_id != staff.member_id and person.member_id in known
    )


def may_try_again(staff: Staff, member: UUID) -> bool:
    """Return True for the member's own messages; admins and supervisors may retry those of the whole office."""
    return member == staff.member_id or staff.is_admin or staff.role == "supervisor"


def own(staff: Staff) -> Reached:
    """Return the reminder settings of this member."""
    return preferences.own(staff.org_id, staff.member_id)
