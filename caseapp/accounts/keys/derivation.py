"""Passphrase work is bounded: each derivation takes 64 MiB, and a flood of sign-ins must not exhaust the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from caseapp.lib.errors import TooMany

AT_ONCE = 2  # a process: no more than cores
WAITING = 3  # beside them; whoever comes later hears at once that it is busy: other threads serve other pages
WAIT = 20  # seconds

_deriving = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def one_derivation() -> Iterator[None]:
    """Hold one of the few places. Raises TooMany when all are taken, or none is free in time."""
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
    """What somebody hears who came one too many."""
    return TooMany("busy", "Many people are signing in just now. Try again in a minute.")
