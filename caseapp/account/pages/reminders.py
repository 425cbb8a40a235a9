"""View models of the reminder pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.reminder_plans.reminder_ladder import LADDER, default_days
from caseapp.lib.errors import NotFound
from caseapp.reminders import recipients
from caseapp.reminders.choices import MAX_ADDRESSES
from caseapp.reminders.monitoring import status
from caseapp.reminders.recipients import Recipient, ReminderAddress
from caseapp.reminders.sending import delivery_log, preferences, reachability
from caseapp.ui.display import tags
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of

CHANNEL_KINDS = {
    "email": gettext_lazy("E-mail"),
    "text": gettext_lazy("Text message"),
    "signal": gettext_lazy("Signal"),
    "matrix": gettext_lazy("Matrix"),
    "push": gettext_lazy("Push"),
}
MESSAGE_KINDS = {
    "reminder": gettext_lazy("reminder"),
    "self-test": gettext_lazy("self-test"),
    "alarm": gettext_lazy("alarm"),
    "unreached": gettext_lazy("colleague not reached"),
    "test": gettext_lazy("test"),
    "new-way": gettext_lazy("account opened with a new sign-in method"),
}

# The status kind and the words for each answer of `reachability.answer_for`.
REACH_WORDS = {
    reachability.NO_ADDRESS: ("passed", gettext_lazy("no address")),
    reachability.NONE_WORKS: ("passed", gettext_lazy("no address works")),
    reachability.REFUSED: ("soon", gettext_lazy("one address was refused")),
    reachability.UNFIT: ("soon", gettext_lazy("one address is no longer offered on this server")),
    reachability.FULL: ("soon", gettext_lazy("the mailbox is full")),
    reachability.HELD: ("soon", gettext_lazy("mail is rejected, not because of the address")),
    reachability.NOT_TESTED: ("not-tested", gettext_lazy("not tested: send a test")),
    reachability.REACHED: ("done", gettext_lazy("can be reached")),
}
# The status kind and the word for each delivery state of a message.
_DELIVERY_STATES = {
    "sent": ("done", gettext_lazy("accepted by the mail server")),
    "owed": ("waiting", gettext_lazy("is being tried")),
    "stuck": ("passed", gettext_lazy("did not arrive")),
    "bounced": ("passed", gettext_lazy("returned")),
}


@dataclass(frozen=True)
class AddressLine:
    """One address with its state. `number` is its position in the order in which addresses are tried."""

    number: int
    kind: str
    shown: str
    tone: str
    word: str
    can_go: bool


@dataclass(frozen=True)
class ReachabilityLine:
    """One colleague in the admin's list."""

    name: str
    by: str
    month: str
    tone: str
    word: str


@dataclass(frozen=True)
class ReminderSettingsPage:
    """Values of the settings page, without its forms. `month` sums up the messages of the last 30 days."""

    addresses: tuple[AddressLine, ...]
    month: str
    away: str
    hearings: str
    deadlines: str
    members: tuple[ReachabilityLine, ...]
    is_admin: bool
    may_add: bool
    has_colleagues: bool


@dataclass(frozen=True)
class DeliveryLogLine:
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
class DeliveryLogPage:
    """Values of the delivery log: messages that went out, and messages that did not arrive."""

    stuck: tuple[DeliveryLogLine, ...]
    lines: tuple[DeliveryLogLine, ...]
    zone: str
    late: tuple[str, ...]
    is_whole: bool


def reminder_settings_page(staff: Staff, reached: Recipient) -> ReminderSettingsPage:
    """Return the settings page of one member; an admin's page also lists how each member is reached."""
    names = names_of(colleagues_of(staff.keys))
    addresses = tuple(_address_line(number, channel) for number, channel in enumerate(reached.settings.addresses))
    months = delivery_log.monthly_counts_of(staff.org_id)
    return ReminderSettingsPage(
        addresses=addresses,
        month=_month_summary(months.get(staff.member_id)),
        away=_absence_sentence(reached, names),
        hearings=", ".join(str(day) for day in LADDER["hearing"]["owner"].days),
        deadlines=", ".join(str(day) for day in default_days("fatal") if day),
        members=_reachability_lines(staff, names, months) if staff.is_admin else (),
        is_admin=staff.is_admin,
        may_add=len(addresses) < MAX_ADDRESSES,
        has_colleagues=bool(stand_in_choices(staff)),
    )


def displayed_address(channel: ReminderAddress) -> str:
    """Return the text a page shows for an address: an e-mail in full, a gateway only in its non-secret part."""
    return channel.address if channel.kind == "email" else channel.shown


def first_address_line(reached: Recipient) -> AddressLine:
    """Return the line of the e-mail. Raises NotFound for a member without one."""
    if not reached.settings.address:
        raise NotFound("no e-mail")
    return _address_line(0, reached.settings.addresses[0])


def _address_line(number: int, channel: ReminderAddress) -> AddressLine:
    tone, word = _address_state(channel)
    return AddressLine(
        number,
        str(CHANNEL_KINDS.get(channel.kind, channel.kind)),
        displayed_address(channel),
        tone,
        word,
        channel.kind != "email",
    )


def _address_state(channel: ReminderAddress) -> tuple[str, str]:
    """Return the tone of an address and what the page says of it."""
    on = {"on": tags.day(channel.state_on) if channel.state_on else ""}
    code = f" ({channel.answer})" if channel.answer else ""
    match reachability.address_state(channel):
        case reachability.UNFIT:
            return "soon", _("no longer offered on this server: add another address and test it")
        case reachability.WORKS:
            return "done", _("works, %(on)s") % on
        case reachability.REFUSED:
            return "passed", _("refused, %(on)s") % on + code
        case reachability.FULL:
            return "soon", _("mailbox full, %(on)s: it is tried again") % on + code
        case reachability.HELD:
            return "soon", _("rejected, %(on)s, not because of the address: it is tried again") % on + code
    return "not-tested", _("not tested")


def _absence_sentence(reached: Recipient, names: MemberNames) -> str:
    away = reached.settings.away
    if away is None:
        return ""
    values = {"first": tags.day(away.first), "last": tags.day(away.last), "name": names.get(away.stand_in, "?")}
    return _("From %(first)s to %(last)s %(name)s is notified in your place.") % values


def _month_summary(month: delivery_log.MonthlyCounts | None) -> str:
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


def _reachability_lines(
    staff: Staff, names: MemberNames, months: Mapping[UUID, delivery_log.MonthlyCounts]
) -> tuple[ReachabilityLine, ...]:
    lines = []
    for reached in recipients.of_office(staff.org_id):
        kinds = ", ".join(str(CHANNEL_KINDS.get(channel.kind, channel.kind)) for channel in reached.settings.addresses)
        tone, word = REACH_WORDS[reachability.answer_for(reached.settings)]
        name = names.get(reached.member_id, _("a colleague"))
        lines.append(ReachabilityLine(name, kinds, _month_summary(months.get(reached.member_id)), tone, str(word)))
    return tuple(sorted(lines, key=lambda line: (line.tone == "done", line.name.casefold())))


def delivery_log_page(staff: Staff) -> DeliveryLogPage:
    """Return the office's messages for admins and supervisors, and the member's own messages for others."""
    names = names_of(colleagues_of(staff.keys))
    whole = staff.is_admin or staff.role == "supervisor"
    mine = [line for line in delivery_log.entries_of(staff.org_id) if whole or line.member_id == staff.member_id]
    stuck = delivery_log.entries_of(staff.org_id, state="stuck")
    return DeliveryLogPage(
        stuck=tuple(_log_line(line, names, staff.zone) for line in stuck if whole or line.member_id == staff.member_id),
        lines=tuple(_log_line(line, names, staff.zone) for line in mine if line.state != "stuck"),
        zone=staff.zone,
        late=status.current().late,
        is_whole=whole,
    )


def _log_line(line: delivery_log.DeliveryEntry, names: MemberNames, zone: str) -> DeliveryLogLine:
    tone, word = _DELIVERY_STATES.get(line.state, _DELIVERY_STATES["stuck"])
    return DeliveryLogLine(
        at=line.at,
        on=tags.local_day(line.at, zone),
        name=names.get(line.member_id, _("a colleague")),
        by=str(CHANNEL_KINDS.get(line.by, line.by)),
        what=str(MESSAGE_KINDS.get(line.what, line.what)),
        tone=tone,
        word=str(word),
        member=str(line.member_id),
    )


def stand_in_choices(staff: Staff) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the colleagues who can stand in: those whom reminders can reach."""
    known = {
        person.member_id
        for person in recipients.of_office(staff.org_id)
        if reachability.answer_for(person.settings) not in reachability.UNREACHABLE
    }
    team = colleagues_of(staff.keys)
    return tuple(
        (str(person.member_id), person.name)
        for person in team
        if person.member_id != staff.member_id and person.member_id in known
    )


def may_try_again(staff: Staff, member: UUID) -> bool:
    """Return True for the member's own messages; admins and supervisors may retry those of the whole office."""
    return member == staff.member_id or staff.is_admin or staff.role == "supervisor"


def reminder_settings_of(staff: Staff) -> Recipient:
    """Return the reminder settings of this member."""
    return preferences.own_recipient(staff.org_id, staff.member_id)
