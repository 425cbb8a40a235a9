"""Error pages: what happened in plain words, the request's number, and what was typed. Logs contain no content."""

import sys
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from caseapp.accounts.errors import Slow, StepUpNeeded
from caseapp.lib.errors import EditConflict, NotFound, Refused, TooMany, Unavailable
from caseapp.ui.requests.error_reports import log, number_of, place_of
from caseapp.ui.requests.preserved_input import kept
from caseapp.vault.errors import NoKey, OpenFailed

CHECK = "/me/security/check/"  # asks for passphrase and second factor again


@dataclass(frozen=True)
class Said:
    """Text of one error page. `again` is the label of the button under the typed text."""

    status: int
    title: str
    text: str
    again: str = ""
    number: bool = False


def answer(request: HttpRequest, exc: BaseException) -> HttpResponse:
    """Return the page for an exception.

    Only unexpected errors and failures of our own infrastructure are logged.
    """
    if isinstance(exc, StepUpNeeded):
        return ask_again(request)
    error = explain(exc)
    if error.number:
        log.error("request %s: %s", number_of(request), place_of(exc))
    version = exc.current_version if isinstance(exc, EditConflict) else None
    response = page(request, error, version=version)
    if isinstance(exc, TooMany):
        response.headers["Retry-After"] = str(wait_of(exc))
    return response


def explain(exc: BaseException) -> Said:
    """Return the status and the text for an exception.

    Sentences of `Refused` are the product's own and translated like all others.
    """
    again = _("Send again")
    match exc:
        case NotFound() | NoKey():
            return _not_found()
        case Slow():
            text = _("Too many tries. Wait a while and try again. Nothing is locked for good.")
            return Said(429, _("Too much at once"), text, again)
        case TooMany():
            return Said(429, _("Too much at once"), _(exc.sentence), again)
        case Refused():
            return Said(422, _("This was not saved"), _(exc.sentence), again)
        case EditConflict():
            text = _("Somebody saved this after you opened it. Yours is kept below. Nothing was overwritten.")
            return Said(409, _("Two people edited this"), text, _("Keep mine"))
        case OpenFailed():
            text = _("A part of this does not open: it was altered or damaged. Nothing was changed.")
            return Said(503, _("A part of this does not open"), text, again, number=True)
        case Unavailable() | OperationalError() | InterfaceError() | InternalError():
            text = _("The database or the storage does not answer just now. Nothing was saved. Try again in a minute.")
            return Said(503, _("Not available just now"), text, again, number=True)
        case RequestDataTooBig():
            return Said(
                413, _("Too much text"), _("One form holds up to 1 MB of text. Shorten it, or add it as a file.")
            )
        case UnreadablePostError():
            text = _("The connection was lost before everything arrived. Nothing was saved. Go back and try again.")
            return Said(400, _("The connection was lost"), text)
        case _:
            text = _("Something did not work on our side. What you sent was not saved.")
            return Said(500, _("This did not work"), text, again, number=True)


def page(request: HttpRequest, said: Said, *, version: int | None = None, door: str = "") -> HttpResponse:
    """Render an error with the typed text, in the member's language if it is known."""
    if "CSRF_COOKIE" not in request.META:
        # The error was raised before the CSRF middleware ran: without this the form would carry an invalid token.
        CsrfViewMiddleware(lambda _request: HttpResponse()).process_request(request)
    context = {
        "said": said,
        "number": number_of(request) if said.number else "",
        "kept": kept(request, version=version) if said.again else None,
        "door": door,
        "is_safe_to_reload": request.method in {"GET", "HEAD"},
        "has_problem": request.method == "POST",
    }
    if getattr(request, "has_language", False):
        return render(request, "errors/error.html", context, status=said.status)
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "errors/error.html", context, status=said.status)


def signed_out(request: HttpRequest, *, door: str) -> HttpResponse:
    """Return 401 after a POST without a session: the user signs in in another tab, then sends again."""
    text = _("You were signed out while you typed. Nothing was saved yet, and your text is kept below.")
    return page(request, Said(401, _("Signed out"), text, _("Send again")), door=door)


def ask_again(request: HttpRequest) -> HttpResponse:
    """Ask for passphrase and second factor again after the last check expired.

    A GET is redirected to the page that asks; a POST is answered with 403 and keeps what was typed.
    """
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(f"{CHECK}?{urlencode({'next': request.path})}")
    text = _("This needs a fresh look at who is there. Nothing was saved yet, and your text is kept below.")
    return page(request, Said(403, _("Confirm that it is you"), text, _("Send again")), door=CHECK)


def wait_of(exc: TooMany) -> int:
    """Return the seconds after which another try makes sense."""
    return exc.seconds if isinstance(exc, Slow) else 30


def not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """Return 405 with the allowed methods."""
    text = _("This address does not work that way. Nothing was changed.")
    response = page(request, Said(405, _("Not this way"), text))
    response.headers["Allow"] = ", ".join(allowed)
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 404, the same page for a missing case and for one that is not shared."""
    return page(request, _not_found())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 400, or 413 if the request was too large."""
    if isinstance(exception, RequestDataTooBig):
        return page(request, explain(exception))
    return page(request, Said(400, _("Not understood"), _("We could not read this request. Go back and try again.")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a missing or old form token.

    The typed text is returned with a fresh token if the form was ours.
    """
    text = _("This form was open for a long time, or cookies are switched off. Nothing was saved yet. Send it again.")
    return page(request, Said(403, _("Please send this once more"), text, _("Send again")))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the error page for an exception raised below the views, such as in a middleware."""
    exc = sys.exc_info()[1]
    return answer(request, exc or RuntimeError())


def _not_found() -> Said:
    text = _("This page does not exist, or it is not shared with you. Ask the case's lead, or go to Today.")
    return Said(404, _("Not found"), text)
