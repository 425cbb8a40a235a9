"""What every way in does at its end: the cookies, and where the browser is for a passkey."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caseapp.accounts.signin import known_browsers
from caseapp.accounts.signin.passkeys import Site
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib.errors import Refused, TooMany
from caseapp.ui.requests.error_pages import wait_of
from caseapp.ui.requests.redirects import see_other

YEAR = 365 * 24 * 3600  # seconds a browser stays known
TEN_MINUTES = 600


def come_in(request: HttpRequest, signed_in: SignedIn, following: str, did: str = "") -> HttpResponse:
    """Somebody is signed in: the session's cookie, and the one by which this browser is known to them from now on."""
    request.fresh_token = signed_in.token  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other(following, did)
    remember(request, response, signed_in)
    forget_half(response)
    return response


def remember(request: HttpRequest, response: HttpResponse, signed_in: SignedIn) -> None:
    """This browser has its own bucket of tries for this member."""
    value = known_browsers.remembered(signed_in.staff.member_id, device_of(request))
    _set(response, settings.DEVICE_COOKIE, value, seconds=YEAR)


def keep_half(response: HttpResponse, token: str) -> HttpResponse:
    """The cookie of a half-session."""
    _set(response, settings.HALF_COOKIE, token, seconds=TEN_MINUTES)
    return response


def forget_half(response: HttpResponse) -> None:
    """No half-session any more."""
    response.delete_cookie(settings.HALF_COOKIE, path="/", samesite="Lax")
    response.cookies[settings.HALF_COOKIE]["secure"] = not settings.PLAIN_HTTP


def half_of(request: HttpRequest) -> str:
    """The half-session's cookie, or nothing."""
    return request.COOKIES.get(settings.HALF_COOKIE, "")


def device_of(request: HttpRequest) -> str:
    """The cookie of known members, or nothing."""
    return request.COOKIES.get(settings.DEVICE_COOKIE, "")


def token_of(request: HttpRequest) -> str:
    """The session's cookie, or nothing."""
    return request.COOKIES.get(settings.SESSION_COOKIE, "")


def site_of(request: HttpRequest, token: str) -> Site:
    """Where the browser is. The host was checked against ALLOWED_HOSTS."""
    host = request.get_host()
    return Site(host.rpartition(":")[0] if ":" in host else host, f"{request.scheme}://{host}", token)


def takes_passkeys(request: HttpRequest) -> bool:
    """Passkeys belong to a host name: an address in numbers has none."""
    host = site_of(request, "").host
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def told(form: Any, field: str, exc: Refused) -> int:
    """Put a refusal's sentence at its field; answers the status."""
    form.add_error(field, _(exc.sentence))
    return 429 if isinstance(exc, TooMany) else 422


def waiting(response: HttpResponse, exc: Refused | None) -> HttpResponse:
    """Says how long to wait, where that was the reason."""
    if isinstance(exc, TooMany):
        response.headers["Retry-After"] = str(wait_of(exc))
    return response


def _set(response: HttpResponse, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=not settings.PLAIN_HTTP, httponly=True, samesite="Lax"
    )
