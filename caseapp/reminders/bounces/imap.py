"""The mailbox to which mail comes back (`BOUNCES_URL`), over IMAP. TLS as for the mail server: always verified.

Other people's mail in it is not ours to touch. Of every mail that arrived its size and two header fields are asked for,
of what may be a notification the rest, and asking marks nothing as seen.
"""

import imaplib
import re
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from django.conf import settings

WAIT = 20.0  # seconds for each answer
LARGEST = 256 * 1024  # bytes of a mail that is read: what returns one of ours is small
FAILURES = (imaplib.IMAP4.error, OSError)
_HEADERS = "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)]"
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class NotLetIn(imaplib.IMAP4.error):
    """The server did not take user and password."""


class NoFolder(imaplib.IMAP4.error):
    """There is no such folder, or nothing may be removed from it."""


class _Plain(imaplib.IMAP4):
    def read(self, size: int) -> bytes:
        return super().read(_bounded(size))


class _Tls(imaplib.IMAP4_SSL):
    def read(self, size: int) -> bytes:
        return super().read(_bounded(size))


def _bounded(size: int) -> int:
    # The library reads whatever length the server announces; this much is more than was asked for.
    if size > 2 * LARGEST:
        raise imaplib.IMAP4.abort("too long")
    return size


class Mailbox:
    """An open mailbox. Every method raises FAILURES."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server
        # What a server offers before and after the login differs.
        self._offers = b" ".join(part for part in _told(server.capability()) if isinstance(part, bytes)).upper().split()

    @property
    def validity(self) -> bytes:
        """When this changes, the server has numbered its mails anew."""
        _, found = self._server.response("UIDVALIDITY")
        return bytes(found[0]) if found and isinstance(found[0], bytes) else b""

    def numbers(self, *, first: int, since: datetime) -> list[int]:
        """The numbers (UIDs) from `first` on of what arrived since that day and is not deleted, in order."""
        day = imaplib.Time2Internaldate(since)[1:12]
        found = self._search(f"UID {first}:* UNDELETED SINCE {day}")
        return sorted(number for number in found if number >= first)  # "5:*" names the last mail in any case

    def headers(self, number: int) -> bytes | None:
        """The fields of a mail that say whether it may be a notification. None: it is gone, or too large for one."""
        about, held = self._fetch(number, f"(RFC822.SIZE {_HEADERS})")
        size = _SIZE.search(about)
        return held if size and int(size[1]) <= LARGEST else None

    def content(self, number: int) -> bytes | None:
        """A mail as it came, or None if it is gone."""
        return self._fetch(number, f"(BODY.PEEK[]<0.{LARGEST}>)")[1]

    def delete(self, number: int) -> None:
        """Remove a mail, and none that somebody else has crossed out."""
        self._ask("STORE", str(number), r"+FLAGS.SILENT (\Deleted)")
        if b"UIDPLUS" in self._offers:
            self._ask("EXPUNGE", str(number))
        elif self._search("DELETED") == [number]:
            _told(self._server.expunge())

    def _search(self, wanted: str) -> list[int]:
        parts = [part for part in self._ask("SEARCH", wanted) if isinstance(part, bytes)]
        return [int(number) for part in parts for number in re.findall(rb"\d+", part)]

    def _fetch(self, number: int, wanted: str) -> tuple[bytes, bytes | None]:
        """(what the answer says around what it holds, what it holds)"""
        about, held = b"", None
        for part in self._ask("FETCH", str(number), wanted):
            if isinstance(part, tuple):
                about, held = about + bytes(part[0]), bytes(part[1])
            elif isinstance(part, bytes):
                about += part
        return about, held

    def _ask(self, command: str, *wanted: str) -> Sequence[object]:
        try:
            return _told(self._server.uid(command, *wanted))
        except (ValueError, LookupError, TypeError):
            raise imaplib.IMAP4.abort("no answer of IMAP") from None  # the cause may quote a mail


def _told(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    state, parts = answer
    if state != "OK":
        raise imaplib.IMAP4.error(state)
    return parts


@contextmanager
def opened() -> Generator[Mailbox]:
    """The mailbox that is set up. Raises FAILURES, with NotLetIn and NoFolder among them: none to be logged whole."""
    server = _connected()
    try:
        _log_in(server)
        _select(server)
        yield Mailbox(server)
    finally:
        with suppress(*FAILURES):
            server.logout()


def _connected() -> imaplib.IMAP4:
    where = settings.BOUNCES
    trust = ssl.create_default_context()
    if where["tls"] == "at once":
        return _Tls(where["host"], where["port"], ssl_context=trust, timeout=WAIT)
    server = _Plain(where["host"], where["port"], timeout=WAIT)
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
        raise NotLetIn("login") from None  # servers like to repeat the user's name


def _select(server: imaplib.IMAP4) -> None:
    try:
        _told(server.select(_quoted(settings.BOUNCES["folder"])))
    except imaplib.IMAP4.abort as exc:
        if not isinstance(exc, imaplib.IMAP4.readonly):
            raise
        raise NoFolder("read-only") from None
    except imaplib.IMAP4.error:
        raise NoFolder("select") from None


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
