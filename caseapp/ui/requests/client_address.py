"""Network address of a request."""

from django.conf import settings
from django.http import HttpRequest


def client_address_of(request: HttpRequest) -> str:
    """Return the address of the client as the reverse proxy saw it.

    It only slows down guesses and is never stored.
    """
    forwarded = "" if settings.PLAIN_HTTP else request.headers.get("X-Forwarded-For", "")
    # Our proxy added the last entry; a client can forge the entries before it.
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
