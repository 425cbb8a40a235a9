"""What is done beside showing a page, by whoever opens it. None of it may keep anybody from seeing what is due."""

import logging
from collections.abc import Callable
from typing import TypeVar

from caseapp.ui.requests import error_reports

log = logging.getLogger("caseapp.ui")
T = TypeVar("T")


class Upkeep:
    """The jobs beside one page, named for the log. `failed`: one of them did not end well, which Today says."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.failed = False

    def do(self, what: str, job: Callable[[], T], otherwise: T) -> T:
        """The job's answer, or `otherwise`. A job has transactions of its own and is called outside of any."""
        try:
            return job()
        except Exception as exc:
            log.error("beside %s, %s failed: %s", self.page, what, error_reports.place_of(exc))
            self.failed = True
            return otherwise
