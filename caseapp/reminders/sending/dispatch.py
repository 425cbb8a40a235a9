"""Delivery of one message to one member: the choice of address, and its line in the log.

A line names no member in clear, and an urgent message looks like any other. The same message has the same Message-ID
whichever process sends it and however often.
"""

from contextlib import suppress
from datetime import date
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, transaction

from caseapp.lib import clock
from caseapp.reminders import address_states, queries
from caseapp.reminders.choices import FIRST_WAIT, NEXT_ADDRESS_AFTER
from caseapp.reminders.queries import DeliveryLine, message_id
from caseapp.reminders.recipients import Recipient, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import gateway_hosts, gateways, refusals, smtp
from caseapp.reminders.sending.messages import message_for, short_text_for
from caseapp.reminders.sending.smtp import MAIL_ERRORS, AddressRefusal, MailConnection
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

DELIVERY_ERRORS = (*MAIL_ERRORS, UnicodeError)  # raised when a message cannot be delivered
LOGGED_AS_REMINDER = {"urgent", "unseen"}  # kinds that the log shows like a day's ordinary message


def deliver_message(
    recipient: Recipient,
    what: str,
    mid: str,
    mailer: MailConnection,
    *,
    tries: int,
    on: date,
    try_mail: bool = True,
    note_states: bool = True,
) -> ReminderAddress:
    """Send a message to the first address that accepts it and return that address.

    An address that fails permanently is skipped at once, one that fails temporarily after a few tries.

    try_mail     False: the mail server is known to be down, only the other addresses are tried
    note_states  False: the database is not touched
    Raises       SMTPException, OSError, UnicodeError of the first address if none accepts it, CameBack if none is left
    """
    first: Exception | None = None
    for target in recipient.settings.usable_addresses:
        if (target.kind == "email" and not try_mail) or _is_replaced(target, recipient.settings):
            continue
        try:
            _deliver_to(target, recipient, what, mid, mailer)
        except DELIVERY_ERRORS as exc:
            first = first or exc
            if smtp.is_permanent(exc):
                if note_states:
                    _note_refusal(recipient, target, exc, mailer, on)
            elif tries < NEXT_ADDRESS_AFTER:
                break
            continue
        if note_states and target.state in address_states.FAILED_STATES:
            _record_state(recipient, target, "works", on)
        return target
    raise first or (smtp.CameBack("no address") if try_mail else OSError("no other address"))


def _note_refusal(
    recipient: Recipient, target: ReminderAddress, exc: Exception, mailer: MailConnection, on: date
) -> None:
    """Keep a mail server's refusal for the end of the conversation, which shows whether others got the same answer."""
    answer = smtp.answer_of(exc)
    if answer is not None:
        mailer.refusals.append(AddressRefusal(recipient, target, answer))
    else:
        _record_state(recipient, target, "refused", on)


def _is_replaced(target: ReminderAddress, settings: RecipientSettings) -> bool:
    """Return whether a gateway that could not be saved today is no longer needed: another one was tested."""
    if target.kind == "email" or gateway_hosts.is_fit(target.address):
        return False
    return any(other.state == "works" and gateway_hosts.is_fit(other.address) for other in settings.others)


def _deliver_to(target: ReminderAddress, recipient: Recipient, what: str, mid: str, mailer: MailConnection) -> None:
    if target.kind == "email":
        text = message_for(what, recipient.settings.language)
        mailer.send(to=target.address, subject=text.subject, body=text.body, message_id=mid)
    else:
        gateways.send_text(target.address, short_text_for(what, recipient.settings.language))


def _record_state(recipient: Recipient, target: ReminderAddress, state: str, on: date) -> None:
    # A state that cannot be recorded now is recorded at the next try: it must not stop the message.
    with suppress(OpenFailed, DatabaseError, InterfaceError), transaction.atomic():
        address_states.record_address_state(recipient, target, state, on)


def log_line(recipient: Recipient, what: str, mid: str, by: str, *, state: str = "sent") -> DeliveryLine:
    """Return a line for the log, with the time to the minute."""
    member = operational.seal_log_recipient(server_keys.operational_key(), recipient.org_id, mid, recipient.member_id)
    at = clock.now().replace(second=0, microsecond=0)
    return mid, recipient.org_id, member, "reminder" if what in LOGGED_AS_REMINDER else what, by, state, at


def is_logged(recipient: Recipient, day: date, what: str) -> bool:
    """Return whether this message went out."""
    mid = message_id(recipient, day, what)
    return mid in queries.sent_times([mid])


def send_and_log(
    recipient: Recipient,
    what: str,
    today: date,
    *,
    step: str = "",
    target: ReminderAddress | None = None,
    mailer: MailConnection | None = None,
    try_mail: bool = True,
) -> ReminderAddress:
    """Send a message to `target`, or to the first address that accepts it, and log it; return the address.

    step      distinguishes several messages of a kind and day in the Message-ID
    try_mail  as in `deliver_message`
    Raises    SMTPException, OSError, UnicodeError
    """
    mid = message_id(recipient, today, what + step)
    if mailer is None:
        with MailConnection() as own:
            try:
                return send_and_log(recipient, what, today, step=step, target=target, mailer=own, try_mail=try_mail)
            finally:
                refusals.settle_refusals(own)
    if target is None:
        target = deliver_message(recipient, what, mid, mailer, tries=NEXT_ADDRESS_AFTER, on=today, try_mail=try_mail)
    else:
        _deliver_to(target, recipient, what, mid, mailer)
    queries.write_line(log_line(recipient, what, mid, target.kind))
    return target


def promise_message(recipient: Recipient, what: str, today: date, *, step: str = "") -> None:
    """Log that this message is owed, in the caller's transaction: a round sends it if no caller does.

    No round sends it in the first minutes: the caller may be sending it, and a server that greylists refuses it again.
    """
    mid, kind = message_id(recipient, today, what + step), recipient.settings.addresses[0].kind
    queries.record_owed(log_line(recipient, what, mid, kind, state="owed"), try_after=clock.now() + FIRST_WAIT)


def send_once(
    recipient: Recipient, what: str, today: date, *, step: str = "", target: ReminderAddress | None = None
) -> bool:
    """Send a message that must not arrive twice, even if another process is sending it; return whether it was sent.

    Returns False if it went out already or is going out. Raises SMTPException, OSError, UnicodeError.
    """
    if is_logged(recipient, today, what + step):
        return False
    holder, member = uuid4(), queries.ReminderMember(recipient, None, 0, None)
    try:
        is_ours = bool(queries.claim_members(holder, [member])) and not is_logged(recipient, today, what + step)
        if is_ours:
            send_and_log(recipient, what, today, step=step, target=target)
        return is_ours
    finally:
        queries.release_claims(holder)
