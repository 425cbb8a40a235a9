"""A limit on concurrent passphrase derivations: each takes 64 MiB, and a flood must not exhaust the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from caseapp.lib.errors import TooMany

MAX_RUNNING = 2  # derivations at the same time in a process: no more than cores
MAX_WAITING = 3  # more may wait; later ones are refused at once, so that threads stay free for other pages
WAIT_SECONDS = 20  # seconds

_running_slots = threading.BoundedSemaphore(MAX_RUNNING)
_waiting_slots = threading.BoundedSemaphore(MAX_RUNNING + MAX_WAITING)


@contextmanager
def derivation_slot() -> Iterator[None]:
    """Reserve one of the few derivation slots. Raises TooMany when all are taken, or none is free in time."""
    if not _waiting_slots.acquire(blocking=False):
        raise too_busy_error()
    try:
        if not _running_slots.acquire(timeout=WAIT_SECONDS):
            raise too_busy_error()
        try:
            yield
        finally:
            _running_slots.release()
    finally:
        _waiting_slots.release()


def too_busy_error() -> TooMany:
    """Return the error for a request that finds every derivation slot taken."""
    return TooMany("busy", "Many people are signing in just now. Try again in a minute.")
