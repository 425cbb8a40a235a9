"""What a member sets about being reminded: addresses, hours, absence; and trying an address out.

Each in the caller's transaction of the office. Nothing here is told to a case or by one.
"""

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.reminders import recipients
from caseapp.reminders.recipients import Away, Reached, Way, Ways
from caseapp.reminders.sending import dispatch, gateways, smtp
from caseapp.reminders.sending.dispatch import CANNOT


def own(org_id: UUID, member_id: UUID) -> Reached:
    """How a member is reached. Raises NotFound where they have no row, OpenFailed."""
    reached = recipients.get(org_id, member_id)
    if reached is None or reached.ways.gone:
        raise NotFound(f"channel of member {member_id}")
    return reached


def set_mail(org_id: UUID, member_id: UUID, *, email: str) -> None:
    """Another e-mail address for reminders; signing in keeps its own."""

    def changed(ways: Ways) -> Ways:
        return ways if email.strip() == ways.address else recipients.with_mail(ways, email.strip())

    recipients.change(org_id, member_id, changed)


def add_gateway(org_id: UUID, member_id: UUID, *, address: str) -> None:
    """A further address, tried after those before it. Raises Refused."""
    way = Way(kind=gateways.kind_of(address), address=address, shown=gateways.shown(address))

    def changed(ways: Ways) -> Ways:
        if any(one.address == address for one in ways.all):
            raise Refused("address", "This address is here already.")
        return replace(ways, others=(*ways.others, way))

    recipients.change(org_id, member_id, changed)


def remove(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Take a further address out; `number` as in `Ways.all`. The e-mail stays. Raises NotFound."""

    def changed(ways: Ways) -> Ways:
        way = _way(ways, number)
        if way.kind == "email":
            raise Refused("email", "The e-mail address stays. Change it instead.")
        return replace(ways, others=tuple(one for one in ways.others if one.address != way.address))

    recipients.change(org_id, member_id, changed)


def test(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Send the constant test text to one address now, at most once a minute. Raises Refused, NotFound."""
    reached = own(org_id, member_id)
    way = _way(reached.ways, number)
    now = clock.now()
    today, step = now.date(), f" {number} {now:%H:%M}"
    if dispatch.is_logged(reached, today, "test" + step):
        raise Refused("soon", "A test went out a moment ago. Look for it, and try again in a minute.")
    try:
        dispatch.hand_over(reached, "test", today, step=step, way=way)
    except CANNOT as exc:
        if smtp.is_for_good(exc):
            recipients.note_state(reached, way, "refused", today)
        raise Refused("test", "The server did not take the test. Check the address, or ask your admin.") from exc
    recipients.note_state(reached, way, "works", today)


def set_hours(
    org_id: UUID, member_id: UUID, *, language: str, zone: str, quiet: tuple[int, int] | None, digest: int | None
) -> None:
    """Language and zone of the messages, quiet hours in minutes of the day, the digest's weekday. Raises Refused."""
    recipients.change(
        org_id, member_id, lambda ways: replace(ways, language=language, zone=zone, quiet=quiet, digest=digest)
    )


def go_away(org_id: UUID, member_id: UUID, *, first: date, last: date, stand_in: UUID) -> None:
    """From the first to the last day everything of this member goes to a colleague. Raises Refused."""
    other = recipients.get(org_id, stand_in)
    if other is None or other.ways.gone or stand_in == member_id:
        raise Refused("stand_in", "Choose a colleague who takes over the reminders.")
    if last < clock.now().date():
        raise Refused("last", "These days are over already.")
    away = Away(first=first, last=last, stand_in=stand_in)
    recipients.change(org_id, member_id, lambda ways: replace(ways, away=away))


def come_back(org_id: UUID, member_id: UUID) -> None:
    """No stand-in any more."""
    recipients.change(org_id, member_id, lambda ways: replace(ways, away=None))


def _way(ways: Ways, number: int) -> Way:
    if not 0 <= number < len(ways.all):
        raise NotFound(f"address {number}")
    return ways.all[number]
