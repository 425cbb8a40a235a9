"""Mail server connection: one for many messages, opened when first needed, TLS always verified.

`smtps://` and `smtp+starttls://` check the server's certificate and name against the system's authorities (Python's
default context); a server that cannot show a valid one gets no message, and the message waits.
"""

import smtplib
from types import TracebackType

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from caseapp.reminders.sending.gateways import GatewayForbidden, GatewayRefused

MAIL_ERRORS = (smtplib.SMTPException, OSError)


class CameBack(OSError):
    """Only addresses that bounced are left: the mail server would accept the message, but it would not be read."""


class MailConnection:
    """Connection to the mail server for one round; use as a context manager.

    taken  messages that the server accepted
    away   failures of the server that were not the fault of an address
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self.taken = self.away = 0

    def __enter__(self) -> "MailConnection":
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Send one message through the mail server. Raises SMTPException, OSError, UnicodeError."""
        headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
        letter = EmailMessage(subject, body, settings.MAIL_FROM, [to], headers=headers)
        try:
            self._send_reconnecting(letter)
        except (*MAIL_ERRORS, UnicodeError) as exc:
            self.away += is_server_failure(exc)
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
            self._connection = get_connection()
            self._connection.open()
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


def is_permanent(exc: Exception) -> bool:
    """Return whether this address was permanently refused (no such mailbox).

    Then another channel is tried and colleagues are notified.
    """
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in exc.recipients.values())
    return isinstance(exc, (smtplib.SMTPNotSupportedError, UnicodeError, CameBack, GatewayForbidden))


def is_server_failure(exc: Exception) -> bool:
    """Return whether the failure is the mail server's (no mail goes out), not this address's or a gateway's."""
    mine = (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError, UnicodeError, GatewayRefused, CameBack)
    return not isinstance(exc, mine)
