"""What is done beside showing Today, by whoever opens it. None of it may keep anybody from seeing what is due."""

import logging
from collections.abc import Callable
from typing import TypeVar

from caseapp.web import errors

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
            log.error("beside Today, %s failed: %s", what, errors.place_of(exc))
            self.failed = True
            return otherwise
