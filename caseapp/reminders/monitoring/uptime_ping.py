"""The dead-man's switch: while all is well, an address outside is asked for every five minutes, and told nothing.

Off unless `PING_URL` is set. Whoever watches that address (a monitoring service, another office's machine) notices when
the whole machine is gone, which nobody on it could tell.
"""

import logging
import time
import urllib.request
from urllib.error import URLError

from django.conf import settings

from caseapp.reminders.monitoring import status

EVERY = 300.0  # seconds
WAIT = 5  # seconds for an answer
log = logging.getLogger("caseapp.reminders")
_last = [float("-inf")]


def ping() -> bool:
    """Ask for the address if it is time and reminders can be relied on; answers whether it was asked for."""
    if not settings.PING_URL or time.monotonic() - _last[0] < EVERY or not status.status().is_healthy:
        return False
    _last[0] = time.monotonic()
    request = urllib.request.Request(settings.PING_URL, headers={"User-Agent": "ping"})  # noqa: S310  # http(s) only
    try:
        with urllib.request.urlopen(request, timeout=WAIT):  # noqa: S310  # the same
            return True
    except (URLError, OSError, ValueError) as exc:
        log.warning("the outside watcher did not answer: %s", type(exc).__name__)
        return False
