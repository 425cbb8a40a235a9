"""Mail server connection: one for many messages, opened when first needed, TLS always verified.

`smtps://` and `smtp+starttls://` check the server's certificate and name against the system's authorities (Python's
default context); a server that cannot show a valid one gets no message, and the message waits.
"""

import smtplib
from collections import defaultdict
from types import TracebackType
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from caseapp.reminders.recipients import Recipient, ReminderAddress
from caseapp.reminders.sending import mail_faults
from caseapp.reminders.sending.gateways import GatewayForbidden, GatewayRefused
from caseapp.reminders.sending.mail_faults import MailAnswer, MailFault

SEVERAL = 3  # addresses put off alike: two mailboxes may well be full on the same day
REFERENCE_HEADER = "X-Entity-Ref-ID"  # a common name: it shows nothing of the program
MAIL_ERRORS = (smtplib.SMTPException, OSError)


class CameBack(OSError):
    """Only addresses that bounced are left: the mail server would accept the message, but it would not be read."""


class AddressRefusal(NamedTuple):
    """Permanent refusal of one address of a member."""

    recipient: Recipient
    target: ReminderAddress
    answer: MailAnswer


class MailConnection:
    """Connection to the mail server for one round; use as a context manager.

    taken     messages that the server accepted
    away      failures of the server that were not the fault of an address
    delays    the addresses that the server put off, by the code of its answer
    refusals  permanent ones that no address is blamed for yet (`refusals.settle_refusals`)
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self.taken = self.away = 0
        self.delays: dict[str, set[str]] = defaultdict(set)
        self.refusals: list[AddressRefusal] = []

    @property
    def is_delaying_all(self) -> bool:
        """Return whether the server put off several addresses, all with the same answer, and accepted no message."""
        return not self.taken and [len(addresses) >= SEVERAL for addresses in self.delays.values()] == [True]

    def __enter__(self) -> "MailConnection":
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Send one message through the mail server. Raises SMTPException, OSError, UnicodeError."""
        # Some relays replace the Message-ID. The second header says the same, so that a bounce still finds its message.
        headers = {"Message-ID": message_id, REFERENCE_HEADER: message_id, "Auto-Submitted": "auto-generated"}
        letter = EmailMessage(subject, body, settings.MAIL_FROM, [to], headers=headers)
        try:
            self._send_reconnecting(letter)
        except (*MAIL_ERRORS, UnicodeError) as exc:
            self.away += is_server_failure(exc)
            answer = mail_faults.read_error(exc)
            if answer is not None and not answer.is_permanent:
                self.delays[answer.code].add(to)
            raise
        self.taken += 1

    def _send_reconnecting(self, letter: EmailMessage) -> None:
        was_open = self._connection is not None
        try:
            self._send_now(letter)
        except smtplib.SMTPServerDisconnected:
            # The server closed an idle connection; on a fresh one the error is real.
            if not was_open:
                raise
            self._send_now(letter)

    def _send_now(self, letter: EmailMessage) -> None:
        if self._connection is None:
            self._connection = _open_connection()
        try:
            self._connection.send_messages([letter])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, if it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _open_connection() -> BaseEmailBackend:
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPNotSupportedError:
        # The server offers no TLS or no sign-in. With a recipient, the same error is about the recipient's address.
        raise smtplib.SMTPConnectError(502, "not offered") from None
    return connection


def answer_of(exc: Exception) -> MailAnswer | None:
    """Return what is at fault, or None if the message was not refused by a mail server."""
    return None if isinstance(exc, (GatewayRefused, CameBack)) else mail_faults.read_error(exc)


def is_permanent(exc: Exception) -> bool:
    """Return whether this message was permanently refused, and not because of our own mail server.

    Then another channel is tried and colleagues are notified.
    """
    if isinstance(exc, (CameBack, GatewayForbidden)):
        return True
    answer = answer_of(exc)
    return answer is not None and answer.is_permanent and answer.fault != MailFault.SERVER


def is_server_failure(exc: Exception) -> bool:
    """Return whether the failure is the mail server's (no mail goes out), not this address's or a gateway's."""
    answer = answer_of(exc)
    return answer is not None and answer.fault == MailFault.SERVER
