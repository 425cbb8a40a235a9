"""Sign in, sign out, lock, unlock."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Where the request came from, as the reverse proxy saw it; only for slowing down guesses, never stored."""
    forwarded = "" if settings.PLAIN_HTTP else request.headers.get("X-Forwarded-For", "")
    # The last entry is the one our own proxy added; the ones before it are the client's to invent.
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
