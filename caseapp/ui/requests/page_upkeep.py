"""Maintenance jobs that run when a page is opened. A failing job never prevents the page."""

import logging
from collections.abc import Callable
from typing import TypeVar

from caseapp.ui.requests import error_reports

log = logging.getLogger("caseapp.ui")
T = TypeVar("T")


class Upkeep:
    """Jobs of one page, named for the log. `failed` is True after a job raised, which Today shows."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.failed = False

    def run_job(self, job_name: str, job: Callable[[], T], default: T) -> T:
        """Run the job and return its result, or `otherwise` if it raised.

        A job opens its own transactions: call this outside of a transaction.
        """
        try:
            return job()
        except Exception as exc:
            log.error("beside %s, %s failed: %s", self.page, job_name, error_reports.error_location_of(exc))
            self.failed = True
            return default
