"""Cookies that a sign-in sets or reads, and the browser's site for passkeys."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caseapp.accounts.signin import known_browsers, office_codes
from caseapp.accounts.signin.passkeys import Site
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib.errors import Refused, TooMany
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests.error_pages import retry_seconds_of
from caseapp.ui.requests.redirects import see_other

YEAR = 365 * 24 * 3600  # seconds that a browser stays known
TEN_MINUTES = 600


def signed_in_response(request: HttpRequest, signed_in: SignedIn, following: str, did: str = "") -> HttpResponse:
    """Return the redirect after a sign-in, with the session's cookie and the known-browser cookie."""
    request.fresh_token = signed_in.token  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other(following, did)
    remember_browser(request, response, signed_in)
    if code := office_codes.find_code(signed_in.staff.org_id):
        _set_cookie(response, settings.OFFICE_COOKIE, code, seconds=YEAR)
    delete_half_session_cookie(response)
    return response


def remember_browser(request: HttpRequest, response: HttpResponse, signed_in: SignedIn) -> None:
    """Set the cookie that gives this browser a separate limit of sign-in attempts for this member."""
    value = known_browsers.remember_member(signed_in.staff.member_id, known_browser_token_of(request))
    _set_cookie(response, settings.DEVICE_COOKIE, value, seconds=YEAR)


def set_half_session_cookie(response: HttpResponse, token: str) -> HttpResponse:
    """Set the cookie of a half-session (passphrase checked, second factor open) for ten minutes."""
    _set_cookie(response, settings.HALF_COOKIE, token, seconds=TEN_MINUTES)
    return response


def delete_half_session_cookie(response: HttpResponse) -> None:
    """Delete the cookie of the half-session."""
    response.delete_cookie(settings.HALF_COOKIE, path="/", samesite="Lax")
    response.cookies[settings.HALF_COOKIE]["secure"] = not settings.PLAIN_HTTP


def half_session_token_of(request: HttpRequest) -> str:
    """Return the token of the half-session from its cookie, or an empty string."""
    return request.COOKIES.get(settings.HALF_COOKIE, "")


def known_browser_token_of(request: HttpRequest) -> str:
    """Return the value of the known-browser cookie, or an empty string."""
    return request.COOKIES.get(settings.DEVICE_COOKIE, "")


def office_code_of(request: HttpRequest) -> str:
    """Return the code of the office that this browser signed in to last, or an empty string."""
    return request.COOKIES.get(settings.OFFICE_COOKIE, "")[: office_codes.MAX_LENGTH]


def session_token_of(request: HttpRequest) -> str:
    """Return the session token from its cookie, or an empty string."""
    return request.COOKIES.get(settings.SESSION_COOKIE, "")


def site_of(request: HttpRequest, token: str) -> Site:
    """Return the host and origin of the browser for a passkey. The host was checked against ALLOWED_HOSTS."""
    host = request.get_host()
    return Site(host.rpartition(":")[0] if ":" in host else host, f"{request.scheme}://{host}", token)


def takes_passkeys(request: HttpRequest) -> bool:
    """Return True if the host is a name. Passkeys belong to a host name, so a numeric address supports none."""
    host = site_of(request, "").host
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def add_refusal(form: Any, field: str, exc: Refused) -> int:
    """Add the sentence of a refusal to its field and return the HTTP status: 429 for TooMany, else 422."""
    form.add_error(field, translate_refusal(exc))
    return 429 if isinstance(exc, TooMany) else 422


def set_retry_after(response: HttpResponse, exc: Refused | None) -> HttpResponse:
    """Set the Retry-After header (seconds) if the refusal is TooMany, and return the response."""
    if isinstance(exc, TooMany):
        response.headers["Retry-After"] = str(retry_seconds_of(exc))
    return response


def _set_cookie(response: HttpResponse, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=not settings.PLAIN_HTTP, httponly=True, samesite="Lax"
    )
