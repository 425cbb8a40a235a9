"""Addresses of pages before they were named like the rooms of the house: bookmarks and open pages keep working."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

NEW_ADDRESSES = {
    "/keys/recovery/": "/recovery/",
    "/staff/office/": "/office/",
    "/staff/": "/team/",
    "/me/": "/account/",
    "/login/": "/sign-in/",
    "/logout/": "/sign-out/",
    "/rules/ours/": "/law/rules/",
    "/rules/": "/law/",
    "/audit/": "/trail/",
}
# Pages of a case: the part after the last id of a case, a person or a hearing was renamed.
_OF_CASE = re.compile(
    r"(?P<start>/cases/[0-9a-f-]{36}/(?:people/[0-9a-f-]{36}/)?)(?P<old>audit|slip)/(?P<rest>.*)", re.DOTALL
)
_NEW_PARTS = {"audit": "trail", "slip": "reminder-sheet"}


class OldAddresses:
    """Middleware that redirects an old address to its page: 301 for GET and HEAD, 308 (same method, same body) else.

    It looks at the path alone, before any session is opened: the answer is the same for everyone, and not activity.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the redirect, or what the page answers."""
        path = new_address(request.path_info)
        if path is None:
            return self.get_response(request)
        query = request.META.get("QUERY_STRING", "")
        is_read = request.method in ("GET", "HEAD")
        return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path, preserve_request=not is_read)


def new_address(path: str) -> str | None:
    """Return the address that replaced `path`, or None where `path` is no old address."""
    for old, new in NEW_ADDRESSES.items():
        if path.startswith(old):
            return new + path.removeprefix(old)
    part = _OF_CASE.fullmatch(path)
    return f"{part['start']}{_NEW_PARTS[part['old']]}/{part['rest']}" if part else None
