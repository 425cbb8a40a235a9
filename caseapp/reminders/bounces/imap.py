"""The mailbox in which bounced mail arrives (`BOUNCES_URL`), over IMAP. TLS as for the mail server: always verified.

Other people's mail in it must not be changed. For every mail that arrived only its size and two header fields are
fetched, for a possible notification the rest, and fetching marks nothing as seen. The library `imapclient` speaks the
protocol and is used only here.
"""

import imaplib
import logging
import ssl
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from imapclient import DELETED, IMAPClient

TIMEOUT_SECONDS = 20.0  # seconds to wait for each answer
MAX_MESSAGE_BYTES = 256 * 1024  # bytes of a mail that is read: a bounce of our messages is small
IMAP_ERRORS = (imaplib.IMAP4.error, OSError)
_HEADERS = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)]"
# The library logs each line of a conversation: users, and pieces of other people's mail.
logging.getLogger("imapclient").setLevel(logging.CRITICAL + 1)


class NotLetIn(imaplib.IMAP4.error):
    """The server did not accept user and password."""


class NoFolder(imaplib.IMAP4.error):
    """The folder does not exist, or mail cannot be removed from it."""


class _BoundedClient(IMAPClient):  # type: ignore[misc]  # the library has no types
    """A client that reads no literal much longer than the longest that it requests."""

    def _create_IMAP4(self) -> imaplib.IMAP4:
        server: imaplib.IMAP4 = super()._create_IMAP4()
        server.read = _bounded(server.read)  # type: ignore[assignment,method-assign]  # of this connection alone
        return server


def _bounded(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    return lambda size: read(_checked_size(size))


def _checked_size(size: int) -> int:
    # The library reads any length that the server announces; twice the limit is more than was requested.
    if size > 2 * MAX_MESSAGE_BYTES:
        raise imaplib.IMAP4.abort("too long")
    return size


class Mailbox:
    """Open mailbox. Every method raises IMAP_ERRORS.

    uid_validity  the UIDVALIDITY: when it changes, the server has renumbered its mails
    """

    def __init__(self, client: IMAPClient, uid_validity: bytes) -> None:
        self._client = client
        self.uid_validity = uid_validity

    def list_uids(self, *, first: int, since: datetime) -> list[int]:
        """Return the UIDs from `first` on of mails that arrived since that day and are not deleted, in order."""
        wanted = ["UID", f"{first}:*", "UNDELETED", "SINCE", since.date()]
        uids = _answer_of(lambda: self._client.search(wanted))
        return sorted(number for number in uids if number >= first)  # "5:*" always includes the last mail, even below 5

    def fetch_headers(self, number: int) -> bytes | None:
        """Return the header fields that show whether a mail may be a notification.

        None if the mail is gone, or too large for one.
        """
        answer = self._fetch(number, ["RFC822.SIZE", _HEADERS])
        size = answer.get(b"RFC822.SIZE")
        return _body_in(answer) if isinstance(size, int) and size <= MAX_MESSAGE_BYTES else None

    def fetch_message(self, number: int) -> bytes | None:
        """Return a mail as it arrived, or None if it is gone."""
        return _body_in(self._fetch(number, [f"BODY.PEEK[]<0.{MAX_MESSAGE_BYTES}>"]))

    def delete(self, number: int) -> None:
        """Delete a mail, but none that another client has marked as deleted."""
        _answer_of(lambda: self._client.add_flags([number], [DELETED], silent=True))
        if _answer_of(lambda: self._client.has_capability("UIDPLUS")):
            _answer_of(lambda: self._client.uid_expunge([number]))
        elif _answer_of(lambda: list(self._client.search(["DELETED"]))) == [number]:
            _answer_of(self._client.expunge)

    def _fetch(self, number: int, wanted: list[str]) -> Mapping[bytes, object]:
        answer: Mapping[int, Mapping[bytes, object]] = _answer_of(lambda: self._client.fetch([number], wanted))
        return answer.get(number, {})


def _body_in(answer: Mapping[bytes, object]) -> bytes | None:
    """Return the part of a mail in an answer. Servers differ in how they repeat the name of what was requested."""
    return next((part for name, part in answer.items() if name.startswith(b"BODY[") and isinstance(part, bytes)), None)


def _answer_of(command: Callable[[], Any]) -> Any:
    try:
        return command()
    except (ValueError, LookupError, TypeError, AttributeError):
        raise imaplib.IMAP4.abort("no answer of IMAP") from None  # the cause may quote a mail


@contextmanager
def open_mailbox() -> Generator[Mailbox]:
    """Yield the configured mailbox.

    Raises IMAP_ERRORS, including NotLetIn and NoFolder: log only their type, since the text may quote a mail or a user.
    """
    where = settings.BOUNCES
    trust = ssl.create_default_context()
    at_once = where["tls"] == "at once"
    with _BoundedClient(
        where["host"],
        where["port"],
        ssl=at_once,
        ssl_context=trust if at_once else None,
        timeout=TIMEOUT_SECONDS,
    ) as client:
        if where["tls"] == "starttls":
            client.starttls(ssl_context=trust)
        _log_in(client)
        yield Mailbox(client, _select_folder(client))


def _log_in(client: IMAPClient) -> None:
    try:
        client.login(settings.BOUNCES["user"], settings.BOUNCES["password"])
    except (imaplib.IMAP4.error, UnicodeError) as exc:
        if isinstance(exc.__context__, imaplib.IMAP4.abort):  # the connection ended: no answer about the password
            raise imaplib.IMAP4.abort("login") from None
        raise NotLetIn("login") from None  # servers often repeat the user's name


def _select_folder(client: IMAPClient) -> bytes:
    """Select the folder and return its UIDVALIDITY."""
    try:
        answer = _answer_of(lambda: client.select_folder(settings.BOUNCES["folder"]))
    except imaplib.IMAP4.abort as exc:
        if not isinstance(exc, imaplib.IMAP4.readonly):
            raise
        raise NoFolder("read-only") from None
    except imaplib.IMAP4.error:
        raise NoFolder("select") from None
    return str(answer.get(b"UIDVALIDITY", "")).encode()
