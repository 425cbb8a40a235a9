"""Reminder settings that members change themselves: addresses, hours and absence; and testing an address.

Each in the caller's transaction of the office. No case is read or written.
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
    """Return a member with their settings. Raises NotFound if they have no row or were removed, OpenFailed."""
    recipient = recipients.get(org_id, member_id)
    if recipient is None or recipient.ways.gone:
        raise NotFound(f"channel of member {member_id}")
    return recipient


def set_mail(org_id: UUID, member_id: UUID, *, email: str) -> None:
    """Set another e-mail address for reminders; the one for signing in does not change."""

    def changed(ways: Ways) -> Ways:
        return ways if email.strip() == ways.address else recipients.with_mail(ways, email.strip())

    recipients.change(org_id, member_id, changed)


def add_gateway(org_id: UUID, member_id: UUID, *, address: str) -> None:
    """Add an address, tried after the existing ones. Raises Refused."""
    target = Way(kind=gateways.kind_of(address), address=address, shown=gateways.shown(address))

    def changed(ways: Ways) -> Ways:
        if any(existing.address == address for existing in ways.all):
            raise Refused("address", "This address is here already.")
        return replace(ways, others=(*ways.others, target))

    recipients.change(org_id, member_id, changed)


def remove(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Remove an address, except the e-mail. Raises NotFound, Refused.

    number  as in `RecipientSettings.addresses`
    """

    def changed(ways: Ways) -> Ways:
        target = _way(ways, number)
        if target.kind == "email":
            raise Refused("email", "The e-mail address stays. Change it instead.")
        return replace(ways, others=tuple(other for other in ways.others if other.address != target.address))

    recipients.change(org_id, member_id, changed)


def test(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Send the constant test text to one address now, at most once a minute. Raises Refused, NotFound."""
    recipient = own(org_id, member_id)
    target = _way(recipient.ways, number)
    now = clock.now()
    today, step = now.date(), f" {number} {now:%H:%M}"
    if dispatch.is_logged(recipient, today, "test" + step):
        raise Refused("soon", "A test went out a moment ago. Look for it, and try again in a minute.")
    try:
        dispatch.hand_over(recipient, "test", today, step=step, way=target)
    except CANNOT as exc:
        if smtp.is_for_good(exc):
            recipients.note_state(recipient, target, "refused", today)
        raise Refused("test", "The server did not take the test. Check the address, or ask your admin.") from exc
    recipients.note_state(recipient, target, "works", today)


def set_hours(
    org_id: UUID, member_id: UUID, *, language: str, zone: str, quiet: tuple[int, int] | None, digest: int | None
) -> None:
    """Set language and zone of the messages, quiet hours and the weekday of the digest. Raises Refused.

    quiet  minutes of the day
    """
    recipients.change(
        org_id, member_id, lambda ways: replace(ways, language=language, zone=zone, quiet=quiet, digest=digest)
    )


def go_away(org_id: UUID, member_id: UUID, *, first: date, last: date, stand_in: UUID) -> None:
    """Send all messages of this member to a colleague, from the first to the last day. Raises Refused."""
    other = recipients.get(org_id, stand_in)
    if other is None or other.ways.gone or stand_in == member_id:
        raise Refused("stand_in", "Choose a colleague who takes over the reminders.")
    if last < clock.now().date():
        raise Refused("last", "These days are over already.")
    away = Away(first=first, last=last, stand_in=stand_in)
    recipients.change(org_id, member_id, lambda ways: replace(ways, away=away))


def come_back(org_id: UUID, member_id: UUID) -> None:
    """Remove the member's stand-in."""
    recipients.change(org_id, member_id, lambda ways: replace(ways, away=None))


def _way(ways: Ways, number: int) -> Way:
    if not 0 <= number < len(ways.all):
        raise NotFound(f"address {number}")
    return ways.all[number]
