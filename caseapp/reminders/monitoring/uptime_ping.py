"""Dead-man's switch: while all is well, an outside address is requested every five minutes, without any content.

Off unless `PING_URL` is set. The monitor behind that address (a monitoring service, another office's machine) notices
when the whole machine is gone, which no process on it could report.
"""

import logging
import time
import urllib.request
from urllib.error import URLError

from django.conf import settings

from caseapp.reminders.monitoring import status

PING_SECONDS = 300.0  # seconds
TIMEOUT_SECONDS = 5  # seconds to wait for an answer
log = logging.getLogger("caseapp.reminders")
_last = [float("-inf")]


def ping_monitor() -> bool:
    """Request the address if it is time and reminders can be relied on; return whether it answered."""
    if not settings.PING_URL or time.monotonic() - _last[0] < PING_SECONDS or not status.current().is_healthy:
        return False
    _last[0] = time.monotonic()
    request = urllib.request.Request(settings.PING_URL, headers={"User-Agent": "ping"})  # noqa: S310  # http(s) only
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310  # the same
            return True
    except (URLError, OSError, ValueError) as exc:
        log.warning("ping.unanswered %s", exc)
        return False
