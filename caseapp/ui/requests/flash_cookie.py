"""The cookie that carries the message after a write to the next page, once.

A code in the address (`?did=case-destroyed`) would show the message again after a reload, after "Back" and in a shared
link, and would remain in logs and in the browser's history. So the redirect sets a cookie of 60 seconds, and the page
that shows the message deletes it. Why this cookie:

- The server stores nothing. A row written with a case's transaction would tell which member just saved a case.
- Its value is random bytes and an HMAC of path and code under the operational key; its name is an HMAC of the path. A
  copy of the browser's files shows neither the act nor the page, and a planted value shows no message.
- It belongs to the path of the redirect. Each of two tabs shows its own message, and the page of another case shows
  none. Of two messages for the same path within seconds, the newer one remains.
- Only a GET shows it: a form that returns with errors does not say "Saved". Scripts cannot read it (HttpOnly), and a
  link from another site does not use it up (SameSite=Strict).

If the redirect leads on to a third page (sign-in, second factor), the cookie expires without a message.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise

from caseapp.lib import base64url
from caseapp.ui.requests.flash import FLASH_SENTENCES, UNDONE_ON_CASE_PAGE
from caseapp.vault import server_keys
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS

SECONDS = 60
_RANDOM, _MAC = 9, 15  # bytes: 32 characters of base64


def set_flash(response: HttpResponse, address: str, code: str) -> None:
    """Set the cookie that lets the page at `address` show the sentence of `code` once.

    Raises KeyError for a code that is not in FLASH_SENTENCES.
    """
    if code not in FLASH_SENTENCES:
        raise KeyError(code)
    path = unquote(address.partition("#")[0].partition("?")[0])
    random = primitives.random_bytes(_RANDOM)
    value = base64url.encode(random + _code_mac(random, path, code))
    response.set_cookie(
        cookie_name(path),
        value,
        max_age=SECONDS,
        secure=not settings.PLAIN_HTTP,
        httponly=True,
        samesite="Strict",
    )


def read_code(path: str, value: str) -> str:
    """Return the code in the value of this path's cookie, or an empty string if it is not a value of ours."""
    try:
        raw = base64url.decode(value)
    except ValueError:  # also of a text that is not ASCII
        return ""
    random, mac = raw[:_RANDOM], raw[_RANDOM:]
    return next((code for code in FLASH_SENTENCES if primitives.is_equal(mac, _code_mac(random, path, code))), "")


def take_flash(request: HttpRequest) -> Promise | None:
    """Return the sentence for this page, if there is one, and have FlashMessages delete its cookie."""
    value = request.COOKIES.get(cookie_name(request.path), "") if request.method == "GET" else ""
    if not value:
        return None
    request.is_flash_taken = True  # type: ignore[attr-defined]  # read by FlashMessages
    code = read_code(request.path, value)
    request.flash_code = code  # type: ignore[attr-defined]  # read by `undo_page`
    return FLASH_SENTENCES.get(code)


def undo_page(request: HttpRequest) -> str:
    """Return the page that undoes what the message on a case page is about, or "". Call it after `take_flash`."""
    match = request.resolver_match
    is_case = match is not None and match.view_name == "cases:case"
    if match is None or not is_case or getattr(request, "flash_code", "") not in UNDONE_ON_CASE_PAGE:
        return ""
    return reverse("cases:changes", args=[match.kwargs["case_id"]])


def cookie_name(path: str) -> str:
    """Return the name of the cookie for the page at `path`."""
    mark = primitives.mac(server_keys.operational_key(), LABELS["flash"], b"name", path.encode())[:6].hex()
    return f"{settings.FLASH_COOKIE_PREFIX}{mark}"


def _code_mac(random: bytes, path: str, code: str) -> bytes:
    return primitives.mac(
        server_keys.operational_key(), LABELS["flash"], b"code", random, path.encode(), code.encode()
    )[:_MAC]


class FlashMessages:
    """Middleware that deletes the cookie of a message that this page showed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, without the cookie if `take_flash` read it."""
        known: Any = request
        known.is_flash_taken = False
        response = self.get_response(request)
        if known.is_flash_taken:
            name = cookie_name(request.path)
            response.delete_cookie(name, path="/", samesite="Strict")
            response.cookies[name]["secure"] = not settings.PLAIN_HTTP
            response.cookies[name]["httponly"] = True
        return response
