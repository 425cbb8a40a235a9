"""The order of a request: number, headers, person, language, errors. Only here do errors become status codes."""

import secrets
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.signin import sessions
from caseapp.casefile import key_upkeep
from caseapp.ui.requests import error_pages, error_reports
from caseapp.ui.requests.page_upkeep import Upkeep

Next = Callable[[HttpRequest], HttpResponseBase]
NOBODY = ("/healthz", "/readyz", "/in/")  # asked by machines; no session, no database for its sake

ALWAYS = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Robots-Tag": "noindex, nofollow",
}


class LastResort:
    """Gives each request its number, and answers in plain HTML when even the error page could not be made."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Never raises."""
        number = secrets.token_hex(4).upper()
        request.number = number  # type: ignore[attr-defined]  # ours
        try:
            return self.get_response(request)
        except Exception as exc:
            error_reports.log.error("request %s: %s", number, error_reports.place_of(exc))
            body = (
                '<!doctype html><html lang="en"><title>This did not work</title><h1>This did not work</h1>'
                f"<p>Nothing was saved. Go back: what you typed is still in the form. Request {number}.</p></html>"
            )
            policy = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
            return HttpResponse(body, status=500, headers={**ALWAYS, **policy})


class Headers:
    """What every answer carries: kept nowhere, framed by nobody else, no device access."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Static files are answered before this and may be cached: they hold nothing about anybody."""
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers[name] = value
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
        return response


class StaffOfRequest:
    """`request.staff` from the cookie, for this request only; a new cookie when a view set `request.fresh_token`.

    `request.door` is open, locked, gone or none. `fresh_token` "" takes the cookie away.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The keys are let go of when the answer is made; a stream holds its own file's key only."""
        known: Any = request
        known.staff, known.door, known.fresh_token = None, "none", None
        token = request.COOKIES.get(settings.SESSION_COOKIE, "")
        try:
            if token and not request.path.startswith(NOBODY):
                self._open(known, token)
            response = self.get_response(request)
            self._cookie(response, known.fresh_token)
            return response
        finally:
            known.staff = None

    @staticmethod
    def _open(request: Any, token: str) -> None:
        try:
            request.staff, request.door = sessions.open(token), "open"
            # Nobody writes in a group whose key is due: until it is made, pages show and do not save.
            Upkeep("a page").do("making new keys", lambda: key_upkeep.catch_up(request.staff), otherwise=False)
            if fresh := sessions.renewed(token, request.staff):
                request.fresh_token = request.COOKIES[settings.SESSION_COOKIE] = fresh
        except SessionLocked:
            request.door = "locked"
        except SessionGone:
            request.door = "gone"

    @staticmethod
    def _cookie(response: HttpResponseBase, token: str | None) -> None:
        if token:
            response.set_cookie(
                settings.SESSION_COOKIE,
                token,
                path="/",
                secure=not settings.PLAIN_HTTP,
                httponly=True,
                samesite="Lax",
            )
        elif token == "":
            response.delete_cookie(settings.SESSION_COOKIE, path="/", samesite="Lax")
            response.cookies[settings.SESSION_COOKIE]["secure"] = not settings.PLAIN_HTTP


class LanguageOfStaff:
    """The person's language and zone; at the door `?lang=`, else what the browser asks for."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Both are put back afterwards: the thread serves somebody else next."""
        known: Any = request
        asked = request.GET.get("lang", "")
        if known.staff is not None:
            language = known.staff.language
        elif asked in dict(settings.LANGUAGES):
            language = asked
        else:
            language = translation.get_language_from_request(request)
        zone = ZoneInfo(known.staff.zone) if known.staff is not None else ZoneInfo("UTC")
        known.has_language, known.LANGUAGE_CODE = True, language
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response


class Errors:
    """Exceptions of views into pages. What Django itself answers (404, 400) keeps its way through our handlers."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing to add."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """The page for what a view raised."""
        if isinstance(exc, Http404 | PermissionDenied | SuspiciousOperation | MultiPartParserError):
            return None
        return error_pages.answer(request, exc)
