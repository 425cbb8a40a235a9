"""The mailbox in which bounced mail arrives (`BOUNCES_URL`), over IMAP. TLS as for the mail server: always verified.

Other people's mail in it must not be changed. For every mail that arrived only its size and two header fields are
fetched, for a possible notification the rest, and fetching marks nothing as seen.
"""

import imaplib
import re
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from django.conf import settings

TIMEOUT_SECONDS = 20.0  # seconds to wait for each answer
MAX_MESSAGE_BYTES = 256 * 1024  # bytes of a mail that is read: a bounce of our messages is small
IMAP_ERRORS = (imaplib.IMAP4.error, OSError)
_HEADERS = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)]"
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class NotLetIn(imaplib.IMAP4.error):
    """The server did not accept user and password."""


class NoFolder(imaplib.IMAP4.error):
    """The folder does not exist, or mail cannot be removed from it."""


class _Plain(imaplib.IMAP4):
    def read(self, size: int) -> bytes:
        return super().read(_checked_size(size))


class _Tls(imaplib.IMAP4_SSL):
    def read(self, size: int) -> bytes:
        return super().read(_checked_size(size))


def _checked_size(size: int) -> int:
    # The library reads any length that the server announces; twice the limit is more than was requested.
    if size > 2 * MAX_MESSAGE_BYTES:
        raise imaplib.IMAP4.abort("too long")
    return size


class Mailbox:
    """Open mailbox. Every method raises IMAP_ERRORS."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server
        # A server's capabilities differ before and after the login.
        self._offers = (
            b" ".join(part for part in _parts_or_raise(server.capability()) if isinstance(part, bytes)).upper().split()
        )

    @property
    def uid_validity(self) -> bytes:
        """Return the UIDVALIDITY: when it changes, the server has renumbered its mails."""
        _, response = self._server.response("UIDVALIDITY")
        return bytes(response[0]) if response and isinstance(response[0], bytes) else b""

    def list_uids(self, *, first: int, since: datetime) -> list[int]:
        """Return the UIDs from `first` on of mails that arrived since that day and are not deleted, in order."""
        day = imaplib.Time2Internaldate(since)[1:12]
        uids = self._search_uids(f"UID {first}:* UNDELETED SINCE {day}")
        return sorted(number for number in uids if number >= first)  # "5:*" always includes the last mail, even below 5

    def fetch_headers(self, number: int) -> bytes | None:
        """Return the header fields that show whether a mail may be a notification.

        None if the mail is gone, or too large for one.
        """
        about, held = self._fetch_parts(number, f"(RFC822.SIZE {_HEADERS})")
        size = _SIZE.search(about)
        return held if size and int(size[1]) <= MAX_MESSAGE_BYTES else None

    def fetch_message(self, number: int) -> bytes | None:
        """Return a mail as it arrived, or None if it is gone."""
        return self._fetch_parts(number, f"(BODY.PEEK[]<0.{MAX_MESSAGE_BYTES}>)")[1]

    def delete(self, number: int) -> None:
        """Delete a mail, but none that another client has marked as deleted."""
        self._uid_command("STORE", str(number), r"+FLAGS.SILENT (\Deleted)")
        if b"UIDPLUS" in self._offers:
            self._uid_command("EXPUNGE", str(number))
        elif self._search_uids("DELETED") == [number]:
            _parts_or_raise(self._server.expunge())

    def _search_uids(self, wanted: str) -> list[int]:
        parts = [part for part in self._uid_command("SEARCH", wanted) if isinstance(part, bytes)]
        return [int(number) for part in parts for number in re.findall(rb"\d+", part)]

    def _fetch_parts(self, number: int, wanted: str) -> tuple[bytes, bytes | None]:
        """Return (the answer's text around the literal, the literal or None)."""
        about, held = b"", None
        for part in self._uid_command("FETCH", str(number), wanted):
            if isinstance(part, tuple):
                about, held = about + bytes(part[0]), bytes(part[1])
            elif isinstance(part, bytes):
                about += part
        return about, held

    def _uid_command(self, command: str, *wanted: str) -> Sequence[object]:
        try:
            return _parts_or_raise(self._server.uid(command, *wanted))
        except (ValueError, LookupError, TypeError):
            raise imaplib.IMAP4.abort("no answer of IMAP") from None  # the cause may quote a mail


def _parts_or_raise(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    state, parts = answer
    if state != "OK":
        raise imaplib.IMAP4.error(state)
    return parts


@contextmanager
def open_mailbox() -> Generator[Mailbox]:
    """Yield the configured mailbox.

    Raises IMAP_ERRORS, including NotLetIn and NoFolder: log only their type, since the text may quote a mail or a user.
    """
    server = _connect()
    try:
        _log_in(server)
        _select_folder(server)
        yield Mailbox(server)
    finally:
        with suppress(*IMAP_ERRORS):
            server.logout()


def _connect() -> imaplib.IMAP4:
    where = settings.BOUNCES
    trust = ssl.create_default_context()
    if where["tls"] == "at once":
        return _Tls(where["host"], where["port"], ssl_context=trust, timeout=TIMEOUT_SECONDS)
    server = _Plain(where["host"], where["port"], timeout=TIMEOUT_SECONDS)
    if where["tls"] == "starttls":
        try:
            server.starttls(ssl_context=trust)
        except BaseException:
            with suppress(OSError):
                server.shutdown()
            raise
    return server


def _log_in(server: imaplib.IMAP4) -> None:
    try:
        server.login(settings.BOUNCES["user"], settings.BOUNCES["password"])
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        raise NotLetIn("login") from None  # servers often repeat the user's name


def _select_folder(server: imaplib.IMAP4) -> None:
    try:
        _parts_or_raise(server.select(_quote_folder(settings.BOUNCES["folder"])))
    except imaplib.IMAP4.abort as exc:
        if not isinstance(exc, imaplib.IMAP4.readonly):
            raise
        raise NoFolder("read-only") from None
    except imaplib.IMAP4.error:
        raise NoFolder("select") from None


def _quote_folder(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
