"""Middleware in the order of a request: number, headers, member, language, errors.

Errors become status codes only in this room.
"""

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
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import activity_stamp, sessions
from caseapp.casefile import access_alerts
from caseapp.casefile.upkeep import key_upkeep
from caseapp.casefile.upkeep import run as upkeep
from caseapp.lib import clock
from caseapp.lib.countries import UNITED_STATES
from caseapp.ui import schema_state
from caseapp.ui.display.country import use_country
from caseapp.ui.requests import error_pages, error_reports
from caseapp.vault.tenancy import end_held_transaction

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MACHINE_PATHS = (
    "/healthz",
    "/readyz",
    "/in/",
)  # for machines: these paths open no session and need no database for one
# Sent by a page without its member, or asked by the front: they neither put off the idle lock nor renew the cookie.
BACKGROUND_PATHS = {"/account/drafts/save/", "/account/drafts/offers/", "/session"}

COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


class LastResort:
    """Middleware that numbers each request, and answers in plain HTML if even the error page fails."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response, or a plain page with status 500; never raise."""
        number = secrets.token_hex(4).upper()
        request.number = number  # type: ignore[attr-defined]  # set and read only in this room
        try:
            return self.get_response(request)
        except Exception as exc:
            error_reports.log.error("request.failed number=%s %s", number, exc)
            body = (
                '<!doctype html><html lang="en"><title>This did not work</title><h1>This did not work</h1>'
                f"<p>Nothing was saved. Go back: what you typed is still in the form. Request {number}.</p></html>"
            )
            policy = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
            return HttpResponse(body, status=500, headers={**COMMON_HEADERS, **policy, "X-Frame-Options": "DENY"})


class Headers:
    """Middleware that sets common headers: no caching, no framing by other sites, no device access."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers.

        Static files are answered before this middleware and may be cached: they contain no office data.
        """
        response = self.get_response(request)
        for name, value in COMMON_HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("X-Frame-Options", "DENY")  # our own viewer may frame a document's file
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
        return response


class NewerDatabase:
    """Middleware that uses no database which a newer program migrated: every page says so, and nothing is saved."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page that says so, in the browser's language; health checks of machines go on."""
        if not schema_state.is_database_newer() or request.path in {"/healthz", "/readyz"}:
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = error_pages.render_error(request, error_pages.newer_database_text())
        response.headers["Content-Language"] = language
        return response


class StaffOfRequest:
    """Middleware that sets `request.staff` from the cookie, for this request only.

    `request.door` is open, locked, gone or none. A view sets `request.fresh_token` to a new session token, or to "" to
    delete the cookie.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Open the session, and release its keys after the response; a stream keeps only its file's key."""
        known: Any = request
        known.staff, known.door, known.fresh_token, known.is_active = None, "none", None, False
        token = request.COOKIES.get(settings.SESSION_COOKIE, "")
        try:
            if token and not request.path.startswith(MACHINE_PATHS):
                self._open_session(known, token)
            response = self.get_response(request)
            self._report_older_directory(known.staff)
            self._write_session_cookie(known, response)
            self._write_activity_stamp(known, response)
            return response
        finally:
            known.staff = None
            end_held_transaction()

    @staticmethod
    def process_view(request: HttpRequest, view: Any, arguments: Any, values: Any) -> None:
        """End the transaction of the session's check before a view that does not go on in it."""
        if not getattr(view, "continues_transaction", False):
            end_held_transaction()

    @staticmethod
    def _open_session(request: Any, token: str) -> None:
        stamp = request.COOKIES.get(settings.ACTIVITY_COOKIE, "")
        try:
            if request.path in BACKGROUND_PATHS:
                request.staff, request.door = sessions.open(token, is_activity=False, stamp=stamp), "open"
                return
            request.staff = sessions.open(token, stamp=stamp, holds_transaction=True)
            request.door, request.is_active = "open", True
            # A group whose key must be renewed refuses writes: until then its pages are read-only.
            try:
                key_upkeep.rotate_due_keys(request.staff)
            except Exception as exc:
                upkeep.log_failure("a page", "making new keys", exc)
            if fresh := sessions.renew_cookie(token, request.staff):
                request.fresh_token = request.COOKIES[settings.SESSION_COOKIE] = fresh
        except SessionLocked:
            request.door = "locked"
        except SessionGone:
            request.door = "gone"

    @staticmethod
    def _report_older_directory(staff: Staff | None) -> None:
        """Alert the admins when this request met a directory that was put back."""
        if staff is not None and staff.keys.has_older_directory:
            try:
                access_alerts.report_older_directory(staff)
            except Exception as exc:
                upkeep.log_failure("a page", "alerting the admins", exc)

    @staticmethod
    def _write_activity_stamp(request: Any, response: HttpResponseBase) -> None:
        """Note the minute in the browser, so that an idle session locks within a minute of its time."""
        token = request.fresh_token or (request.COOKIES.get(settings.SESSION_COOKIE, "") if request.is_active else "")
        if token:
            stamp = activity_stamp.make_stamp(token, clock.now())
            if stamp != request.COOKIES.get(settings.ACTIVITY_COOKIE):
                _set_cookie(response, settings.ACTIVITY_COOKIE, stamp)

    @staticmethod
    def _write_session_cookie(request: Any, response: HttpResponseBase) -> None:
        if request.fresh_token:
            _set_cookie(response, settings.SESSION_COOKIE, request.fresh_token)
        elif request.fresh_token == "":
            for name in (settings.SESSION_COOKIE, settings.ACTIVITY_COOKIE):
                response.delete_cookie(name, path="/", samesite="Lax")
                response.cookies[name]["secure"] = not settings.PLAIN_HTTP
            if request.door in {"open", "locked"}:
                _set_cookie(response, settings.ENDED_COOKIE, activity_stamp.make_end_mark(clock.now()))


def _set_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    """Set a cookie of the session: for this host, no script and no other site, until the browser is closed."""
    response.set_cookie(name, value, path="/", secure=not settings.PLAIN_HTTP, httponly=True, samesite="Lax")


class LanguageOfStaff:
    """Middleware for language, zone and country: the member's, or before sign-in `?lang=` or the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Activate them for this request and restore them: the thread serves another user next."""
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
        country = known.staff.country if known.staff is not None else UNITED_STATES
        shown = known.staff.shown_country if known.staff is not None else ""
        with translation.override(language), timezone.override(zone), use_country(country, shown=shown):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response


class Errors:
    """Middleware that turns exceptions of views into pages.

    Errors that Django answers (404, 400) go through our handlers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response unchanged."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Return the page for an exception of a view, or None for one that Django handles."""
        if isinstance(exc, Http404 | PermissionDenied | SuspiciousOperation | MultiPartParserError):
            return None
        return error_pages.error_response(request, exc)
