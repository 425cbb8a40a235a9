"""What is done beside showing Today, by whoever opens it. None of it may keep anybody from seeing what is due."""

import logging
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger("caseapp.web")
T = TypeVar("T")


class Upkeep:
    """The jobs of one request. `failed`: one of them did not end well, which the page says."""

    def __init__(self) -> None:
        self.failed = False

    def do(self, what: str, job: Callable[[], T], otherwise: T) -> T:
        """The job's answer, or `otherwise`. A job has transactions of its own and is called outside of any."""
        try:
            return job()
        except Exception as exc:
            # The text of an exception may hold what somebody typed.
            log.error("beside Today, %s failed: %s", what, type(exc).__name__)
            self.failed = True
            return otherwise
