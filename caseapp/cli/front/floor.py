"""The floor: how slow a client may be while the front waits for it. A total time would cut a long upload by phone."""

from collections.abc import Callable

from caseapp.cli.front.limits import Limits


class Floor:
    """Measure of one direction of one connection, in windows of `floor_seconds` spent waiting for the client.

    Time in which the front itself, or the server behind it, keeps the client waiting does not count.
    """

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits, self._now = limits, now
        self._waited, self._moved = 0.0, 0  # seconds and bytes of this window
        self._began: float | None = None

    def restart(self) -> None:
        """Begin a new window for a body or an answer: how long a connection was idle before does not count."""
        self._waited, self._moved = 0.0, 0

    def begin_wait(self) -> None:
        """Note that from now on the client is waited for."""
        self._began = self._now()

    def end_wait(self, moved: int) -> None:
        """Note that the client sent or read so many bytes."""
        if self._began is not None:
            self._waited += self._now() - self._began
        self._began = None
        self._moved += moved

    def is_broken(self, moving: int = 0) -> bool:
        """Return whether a whole window passed with too few bytes. `moving`: bytes since `begin_wait`.

        Asked every second; else one that had enough bytes ends here, so that a fast beginning buys no long stall.
        """
        waiting = self._now() - self._began if self._began is not None else 0.0
        if self._waited + waiting < self._limits.floor_seconds:
            return False
        if self._is_too_few(self._waited + waiting, moving):
            return True
        self._waited, self._moved = -waiting, -moving  # what this wait adds at its end was of the window before
        return False

    def _is_too_few(self, waited: float, moving: int = 0) -> bool:
        return self._moved + moving < self._limits.floor_bytes * waited
