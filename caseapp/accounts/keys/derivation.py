"""A limit on concurrent passphrase derivations: each takes 64 MiB, and a flood must not exhaust the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from caseapp.lib.errors import TooMany

AT_ONCE = 2  # derivations at the same time in a process: no more than cores
WAITING = 3  # more may wait; later ones are refused at once, so that threads stay free for other pages
WAIT = 20  # seconds

_deriving = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def one_derivation() -> Iterator[None]:
    """Reserve one of the few derivation slots. Raises TooMany when all are taken, or none is free in time."""
    if not _places.acquire(blocking=False):
        raise busy()
    try:
        if not _deriving.acquire(timeout=WAIT):
            raise busy()
        try:
            yield
        finally:
            _deriving.release()
    finally:
        _places.release()


def busy() -> TooMany:
    """Return the error for a request that finds every derivation slot taken."""
    return TooMany("busy", "Many people are signing in just now. Try again in a minute.")
