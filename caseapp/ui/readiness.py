"""The last look at everything that a web process depends on, renewed in its background.

A monitor, or a stranger, may ask `/readyz` as often as they like: no request waits for the database or the queue.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from kombu import Connection

from caseapp.reminders.monitoring import status
from caseapp.ui import schema_state
from caseapp.vault import queries

log = logging.getLogger("caseapp.ui")
QUEUE_TIMEOUT = 2  # seconds to wait for the queue
LOOK_EVERY = min(10.0, settings.WATCH_EVERY / 3)  # seconds
OLD_AFTER = LOOK_EVERY + 60.0  # seconds after which a look that has not ended says that something hangs


@dataclass(frozen=True)
class Readiness:
    """Result of one look: a word for each part, and the time (monotonic seconds)."""

    words: dict[str, str]
    looked_at: float

    @property
    def is_ready(self) -> bool:
        """Return whether every part is well."""
        return set(self.words.values()) == {"ok"}


class ReadinessWatch:
    """The last look of this process, renewed by a thread once it is started."""

    def __init__(self) -> None:
        self._last: Readiness | None = None
        self._is_started = False

    def start(self) -> None:
        """Look in the background of this process from now on."""
        self._is_started = True
        threading.Thread(target=self._keep_looking, name="readiness", daemon=True).start()

    def current(self) -> Readiness:
        """Return the last look. Without the thread (in a test, or another server) it looks now."""
        if not self._is_started:
            return look()
        last, now = self._last, time.monotonic()
        if last is None:
            return Readiness({"state": "unknown"}, now)
        if now - last.looked_at > OLD_AFTER:
            return Readiness({**last.words, "state": "old"}, last.looked_at)
        return last

    def _keep_looking(self) -> None:
        while True:
            try:
                close_old_connections()
                self._last = look()
            except Exception as exc:  # any error: without this thread the state would be old for ever
                log.warning("health.not_looked %s", exc)
            time.sleep(LOOK_EVERY)


watch = ReadinessWatch()


def look() -> Readiness:
    """Look at every part now."""
    words = {name: _run_check(name, check) for name, check in CHECKS.items()}
    if words["database"] == "ok":
        late = status.current().late
        words |= {part: "late" if part in late else "ok" for part in status.WATCHED}
    if schema_state.is_database_newer():
        words["migrations"] = "newer"
    return Readiness(words, time.monotonic())


def _run_check(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as exc:
        log.warning("health.not_ready part=%s %s", name, exc)
        return "down"
    return "ok"


def _check_storage() -> None:
    blobs = Path(settings.BLOBS)  # created with the first file: until then its parent is checked
    folder = next(path for path in (blobs, *blobs.parents) if path.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError("storage folder")


def _check_queue() -> None:
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=QUEUE_TIMEOUT) as queue:
        queue.ensure_connection(max_retries=1, timeout=QUEUE_TIMEOUT)


CHECKS: dict[str, Callable[[], None]] = {
    "database": queries.ping_database,
    "storage": _check_storage,
    "queue": _check_queue,
}
