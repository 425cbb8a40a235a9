"""Reminder settings that members change themselves: addresses, hours and absence; and testing an address.

Each in the caller's transaction of the office. No case is read or written.
"""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.reminders import address_states, recipients
from caseapp.reminders.recipients import Absence, Recipient, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import dispatch, gateways, refusals, smtp
from caseapp.reminders.sending.dispatch import DELIVERY_ERRORS
from caseapp.reminders.sending.mail_faults import MailFault

_NOT_TAKEN = gettext_noop("The server rejected the test. Check the address, or ask your admin.")
_TEST_REFUSED = {
    MailFault.ADDRESS: gettext_noop("The mail server does not know this address. Check how it is written."),
    MailFault.FULL: gettext_noop("This mailbox is full. Make room in it, and send the test again."),
    MailFault.POLICY: gettext_noop(
        "A mail server rejected the test under its own rules. Try again in ten minutes, or ask your admin."
    ),
    MailFault.NETWORK: gettext_noop(
        "The mail server finds no route to this address now. Check the part after the @, or try again later."
    ),
    MailFault.SERVER: gettext_noop("The office's mail server cannot send now. Ask your admin; the address is kept."),
}


def own_recipient(org_id: UUID, member_id: UUID) -> Recipient:
    """Return a member with their settings. Raises NotFound if they have no row or were removed, OpenFailed."""
    recipient = recipients.get(org_id, member_id)
    if recipient is None or recipient.settings.gone:
        raise NotFound(f"channel of member {member_id}")
    return recipient


def set_email(org_id: UUID, member_id: UUID, *, email: str) -> None:
    """Set another e-mail address for reminders; the one for signing in does not change."""

    def set_new_address(settings: RecipientSettings) -> RecipientSettings:
        return settings if email.strip() == settings.address else recipients.with_email(settings, email.strip())

    recipients.change_settings(org_id, member_id, set_new_address)


def add_gateway(org_id: UUID, member_id: UUID, *, address: str) -> None:
    """Add an address, tried after the existing ones. Raises Refused."""
    target = ReminderAddress(kind=gateways.kind_of(address), address=address, shown=gateways.mask_address(address))

    def append_address(settings: RecipientSettings) -> RecipientSettings:
        if any(existing.address == address for existing in settings.addresses):
            raise Refused("address", "This address is here already.")
        return replace(settings, others=(*settings.others, target))

    recipients.change_settings(org_id, member_id, append_address)


def remove_address(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Remove an address, except the e-mail. Raises NotFound, Refused.

    number  as in `RecipientSettings.addresses`
    """

    def drop_address(settings: RecipientSettings) -> RecipientSettings:
        target = _address_at(settings, number)
        if target.kind == "email":
            raise Refused("email", "The e-mail address stays. Change it instead.")
        return replace(settings, others=tuple(other for other in settings.others if other.address != target.address))

    recipients.change_settings(org_id, member_id, drop_address)


def send_test(org_id: UUID, member_id: UUID, *, number: int) -> None:
    """Send the constant test text to one address now, at most once a minute. Raises Refused, NotFound."""
    recipient = own_recipient(org_id, member_id)
    target = _address_at(recipient.settings, number)
    now = clock.now()
    today, step = now.date(), f" {number} {now:%H:%M}"
    if dispatch.is_logged(recipient, today, "test" + step):
        raise Refused("soon", "A test was sent a moment ago. Check whether it arrived, and try again in a minute.")
    try:
        dispatch.send_and_log(recipient, "test", today, step=step, target=target)
    except DELIVERY_ERRORS as exc:
        answer = smtp.answer_of(exc)
        if smtp.is_permanent(exc):
            state = refusals.STATE_OF_FAULT[answer.fault] if answer else "refused"
            code = answer.code if answer else ""
            address_states.record_address_state(recipient, target, state, today, answer=code)
        raise Refused("test", _TEST_REFUSED[answer.fault] if answer else _NOT_TAKEN) from exc
    address_states.record_address_state(recipient, target, "works", today)


def set_hours(
    org_id: UUID, member_id: UUID, *, language: str, zone: str, quiet: tuple[int, int] | None, digest: int | None
) -> None:
    """Set language and zone of the messages, quiet hours and the weekday of the digest. Raises Refused.

    quiet  minutes of the day
    """
    recipients.change_settings(
        org_id, member_id, lambda settings: replace(settings, language=language, zone=zone, quiet=quiet, digest=digest)
    )


def set_absence(org_id: UUID, member_id: UUID, *, first: date, last: date, stand_in: UUID) -> None:
    """Send all messages of this member to a colleague, from the first to the last day. Raises Refused."""
    other = recipients.get(org_id, stand_in)
    if other is None or other.settings.gone or stand_in == member_id:
        raise Refused("stand_in", "Choose a colleague who takes over the reminders.")
    if last < clock.now().date():
        raise Refused("last", "These days are over already.")
    away = Absence(first=first, last=last, stand_in=stand_in)
    recipients.change_settings(org_id, member_id, lambda settings: replace(settings, away=away))


def end_absence(org_id: UUID, member_id: UUID) -> None:
    """Remove the member's stand-in."""
    recipients.change_settings(org_id, member_id, lambda settings: replace(settings, away=None))


def _address_at(settings: RecipientSettings, number: int) -> ReminderAddress:
    if not 0 <= number < len(settings.addresses):
        raise NotFound(f"address {number}")
    return settings.addresses[number]
