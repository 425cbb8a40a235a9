"""Encryption of an archive with age (age-encryption.org/v1) while it is sent, by the kept library `pyrage`.

The library pulls from one file object and pushes into another, so it runs in a thread of its own; a piece is handed
over only when the last one was taken, so that no more than a few pieces are in memory.
"""

import io
import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

import pyrage
from django.utils.translation import gettext_noop

from caseapp.accounts.keys import word_list
from caseapp.lib.errors import Refused

RECIPIENT_LIMIT = 200  # characters; a public key has 62
BAD_RECIPIENT = gettext_noop("This is no public key of age. It begins with age1 and was made by age-keygen.")


THREAD_NAME = "archive encryption"


class Aborted(Exception):
    """The reader of the archive went away."""


@dataclass(frozen=True)
class PhraseLock:
    """A key of its own for one archive, itself encrypted with a phrase of six words.

    recipient  the public key that the archive is encrypted to
    identity   the file with the secret key: age asks for the phrase when it is used
    """

    recipient: str
    identity: bytes = field(repr=False)


def new_phrase() -> str:
    """Return six random words, about 76 bits."""
    return word_list.new_passphrase()


def lock_with_phrase(phrase: str) -> PhraseLock:
    """Return a new key for one archive, encrypted with a phrase."""
    identity = pyrage.x25519.Identity.generate()
    sealed = pyrage.passphrase.encrypt(f"{identity}\n".encode(), word_list.normalize_passphrase(phrase))
    return PhraseLock(str(identity.to_public()), sealed)


def check_recipient(text: str) -> str:
    """Return a public key of age without outer space. Raises Refused(code="recipient")."""
    recipient = text.strip()
    try:
        if len(recipient) > RECIPIENT_LIMIT:
            raise ValueError
        _parse_recipient(recipient)
    except (ValueError, pyrage.RecipientError) as exc:
        raise Refused("recipient", BAD_RECIPIENT) from exc
    return recipient


def _parse_recipient(text: str) -> object:
    return pyrage.x25519.Recipient.from_str(text)


def encrypt(pieces: Iterable[bytes], recipient: str) -> Generator[bytes]:
    """Yield the pieces encrypted to a recipient, which `check_recipient` returned."""
    exchange = _Exchange()
    worker = threading.Thread(target=exchange.run, args=(_parse_recipient(recipient),), name=THREAD_NAME, daemon=True)
    worker.start()
    try:
        for piece in filter(None, pieces):
            exchange.give(piece)
            yield from exchange.take()
        exchange.give(b"")
        worker.join()
        yield from exchange.take()
    finally:
        exchange.abort()
        worker.join(timeout=5)
    exchange.raise_problem()


class _Exchange:
    """Exchange of pieces with the encrypting thread."""

    def __init__(self) -> None:
        self._given: queue.Queue[bytes | None] = queue.Queue(maxsize=1)
        self._sealed: deque[bytes] = deque()
        self._problem: Exception | None = None
        self._is_over = threading.Event()

    def run(self, recipient: object) -> None:
        try:
            pyrage.encrypt_io(_PlainSource(self._given), _Sink(self._sealed), [recipient])
        except Exception as exc:
            self._problem = exc
        finally:
            self._is_over.set()

    def give(self, piece: bytes) -> None:
        """Hand over a piece, when the thread took the one before; an empty one ends the input."""
        while not self._is_over.is_set():
            try:
                self._given.put(piece, timeout=1)
            except queue.Full:
                continue
            return
        self.raise_problem()

    def take(self) -> Iterator[bytes]:
        while self._sealed:
            yield self._sealed.popleft()

    def abort(self) -> None:
        """End a thread that still waits for input."""
        while not self._is_over.is_set():
            try:
                self._given.put(None, timeout=0.1)
            except queue.Full:
                continue
            return

    def raise_problem(self) -> None:
        if self._problem is not None and not isinstance(self._problem, Aborted):
            raise RuntimeError("the archive could not be encrypted") from self._problem


class _PlainSource(io.RawIOBase):
    """File object that the library reads from."""

    def __init__(self, given: "queue.Queue[bytes | None]") -> None:
        self._given, self._rest, self._is_at_end = given, b"", False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest and not self._is_at_end:
            piece = self._given.get()
            if piece is None:
                raise Aborted
            self._rest, self._is_at_end = piece, not piece
        if size < 0:
            size = len(self._rest)
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


class _Sink(io.RawIOBase):
    """File object that the library writes to."""

    def __init__(self, sealed: "deque[bytes]") -> None:
        self._sealed = sealed

    def writable(self) -> bool:
        return True

    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # any buffer
        self._sealed.append(bytes(content))
        return len(content)
