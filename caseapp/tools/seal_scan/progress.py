"""Progress of a scan: a line when a store begins and ends, and one every few seconds in between."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from caseapp.tools.seal_scan.tally import Tally

EVERY = 5.0  # seconds between two lines about the same store
Say = Callable[[str], None]


@contextmanager
def report_progress(tally: Tally, say: Say) -> Iterator[None]:
    """Say how far the reading of a store is, from a thread of its own, until the block ends."""
    is_done = threading.Event()

    def repeat() -> None:
        while not is_done.wait(EVERY):
            say(f"{tally.store}: {tally.scanned / 1e6:.1f} MB so far")

    say(f"{tally.store}: reading")
    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()
        say(f"{tally.store}: {tally.scanned / 1e6:.1f} MB read")
