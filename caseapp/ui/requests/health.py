"""Health checks for monitoring: words only, no office or member data."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from kombu import Connection

from caseapp.reminders.monitoring import status
from caseapp.ui import schema_state
from caseapp.vault import queries

log = logging.getLogger("caseapp.ui")
QUEUE_TIMEOUT = 2  # seconds to wait for the queue


def report_alive(request: HttpRequest) -> HttpResponse:
    """Answer that this process runs."""
    return HttpResponse("ok\n", content_type="text/plain")


def report_ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database, storage and queue respond and reminders run, else 503.

    The body has one line each: `database ok`.
    """
    words = {name: _run_check(name, check) for name, check in CHECKS.items()}
    if words["database"] == "ok":
        late = status.current().late
        words |= {part: "late" if part in late else "ok" for part in status.WATCHED}
    if schema_state.is_database_newer():
        words["migrations"] = "newer"
    lines = "".join(f"{name} {word}\n" for name, word in words.items())
    is_ready = set(words.values()) == {"ok"}
    return HttpResponse(lines, status=200 if is_ready else 503, content_type="text/plain")


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
