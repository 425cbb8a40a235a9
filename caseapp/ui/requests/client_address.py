"""Network address of a request."""

from django.http import HttpRequest


def client_address_of(request: HttpRequest) -> str:
    """Return the address of the client as the outermost hop saw it.

    It only slows down guesses and is never stored. The front replaces what a client claims: it sets one entry, its own
    peer, or behind the proxy the entry that the proxy added (`cli/front/addresses.py`).
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
