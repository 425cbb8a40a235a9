"""The signs of life that worker and beat give from their main loops (`lib/alive_files.py`)."""

from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.conf import settings

from caseapp.lib import alive_files

MARK_EVERY = 15.0  # seconds between two marks of the worker


def run_folder() -> Path:
    """Return the folder of files that matter only while Caseapp runs."""
    return Path(settings.DATA_FOLDER) / "run"


class WorkerAlive(bootsteps.StartStopStep):
    """Step of the worker that marks it alive by a timer of its event loop: a loop that hangs marks nothing."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin to mark."""
        alive_files.forget(run_folder(), "worker")
        self.timer = parent.timer.call_repeatedly(MARK_EVERY, alive_files.mark_alive, (run_folder(), "worker"))

    def stop(self, parent: Any) -> None:
        """Stop marking."""
        if self.timer is not None:
            self.timer.cancel()
        alive_files.forget(run_folder(), "worker")


class MarkingScheduler(PersistentScheduler):
    """Beat's scheduler, which marks beat alive after each tick."""

    def setup_schedule(self) -> None:
        """Read the schedule, and forget the sign of life of an earlier start.

        A task that ran at a time which is still to come (the clock was set back) counts as run just now: otherwise it
        would not run before that time.
        """
        alive_files.forget(run_folder(), "beat")
        super().setup_schedule()
        now = self.app.now()
        for entry in self.schedule.values():
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.last_run_at = now

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, and mark."""
        seconds = float(super().tick(*args, **kwargs))
        alive_files.mark_alive(run_folder(), "beat")
        return seconds
