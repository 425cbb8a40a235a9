"""The mail server: one connection for many letters, opened when first needed, TLS always verified.

`smtps://` and `smtp+starttls://` check the server's certificate and name against the system's authorities (Python's
default context); a server that cannot show a good one gets no letter, and the letter waits.
"""

import smtplib
from types import TracebackType

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from caseapp.reminders.sending.gateways import GatewayRefused

FAILURES = (smtplib.SMTPException, OSError)


class CameBack(OSError):
    """No address is left but one from which messages came back: the mail server would take it and nobody read it."""


class Post:
    """A round's connection to the mail server; use as a context.

    taken, away  letters it took, and times it took nothing through no fault of an address
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self.taken = self.away = 0

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Hand one letter to the mail server. Raises SMTPException, OSError, UnicodeError."""
        headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
        letter = EmailMessage(subject, body, settings.MAIL_FROM, [to], headers=headers)
        try:
            self._hand_in(letter)
        except (*FAILURES, UnicodeError) as exc:
            self.away += is_away(exc)
            raise
        self.taken += 1

    def _hand_in(self, letter: EmailMessage) -> None:
        was_open = self._connection is not None
        try:
            self._send(letter)
        except smtplib.SMTPServerDisconnected:
            # The server ended a connection that stood idle; on a fresh one it says itself what is wrong.
            if not was_open:
                raise
            self._send(letter)

    def _send(self, letter: EmailMessage) -> None:
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        try:
            self._connection.send_messages([letter])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def is_for_good(exc: Exception) -> bool:
    """Whether this address was refused for good (no such mailbox): another channel is tried and people are told."""
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in exc.recipients.values())
    return isinstance(exc, (smtplib.SMTPNotSupportedError, UnicodeError, CameBack))


def is_away(exc: Exception) -> bool:
    """Whether the failure is the mail server's (nobody gets mail now) and not this address's or a gateway's."""
    mine = (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError, UnicodeError, GatewayRefused, CameBack)
    return not isinstance(exc, mine)
