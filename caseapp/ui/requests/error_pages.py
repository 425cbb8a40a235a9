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

from caseapp.accounts.errors import DirectoryBehind, FormSentBefore, StepUpNeeded, TooManyTries
from caseapp.casefile.case_access import CaseMissing
from caseapp.index.errors import IndexDamaged
from caseapp.lib.errors import EditConflict, NotFound, Refused, TooMany, Unavailable
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests.error_reports import log, request_number_of
from caseapp.ui.requests.preserved_input import preserved_form_of
from caseapp.vault.core import form_marks
from caseapp.vault.errors import NewerSchema, NoKey, OpenFailed

REAUTHENTICATION_PATH = "/account/security/check/"  # asks for passphrase and second factor again


@dataclass(frozen=True)
class ErrorText:
    """Text of one error page. `again` is the label of the button under the typed text."""

    status: int
    title: str
    text: str
    again: str = ""
    number: bool = False


def error_response(request: HttpRequest, exc: BaseException) -> HttpResponse:
    """Return the page for an exception.

    Only unexpected errors and failures of our own infrastructure are logged.
    """
    if isinstance(exc, StepUpNeeded):
        return ask_for_reauthentication(request)
    error = describe_error(exc)
    if error.number:
        log.error("request.failed number=%s %s", request_number_of(request), exc)
    version = exc.current_version if isinstance(exc, EditConflict) else None
    saved_at = exc.saved_at if isinstance(exc, FormSentBefore) else None
    response = render_error(request, error, version=version, saved_at=saved_at)
    if isinstance(exc, TooMany):
        response.headers["Retry-After"] = str(retry_seconds_of(exc))
    return response


def describe_error(exc: BaseException) -> ErrorText:
    """Return the status and the text for an exception.

    Sentences of `Refused` are the product's own and translated like all others.
    """
    again = _("Send again")
    match exc:
        case NotFound() | NoKey():
            return _not_found_text()
        case TooManyTries():
            text = _("Too many tries. Wait a while and try again. Nothing is locked for good.")
            return ErrorText(429, _("Too much at once"), text, again)
        case TooMany():
            return ErrorText(429, _("Too much at once"), translate_refusal(exc), again)
        case Refused():
            return ErrorText(422, _("This was not saved"), translate_refusal(exc), again)
        case EditConflict() | FormSentBefore():
            return _describe_conflict(exc)
        case OpenFailed() | IndexDamaged():
            return _describe_damage(exc, again)
        case Unavailable() | OperationalError() | InterfaceError() | InternalError():
            text = _("The database or the storage is unreachable. Nothing was saved. Try again in a minute.")
            return ErrorText(503, _("Not available just now"), text, again, number=True)
        case RequestDataTooBig():
            return ErrorText(
                413, _("Too much text"), _("One form can contain up to 1 MB of text. Shorten it, or add it as a file.")
            )
        case UnreadablePostError():
            text = _("The connection was lost before everything arrived. Nothing was saved. Go back and try again.")
            return ErrorText(400, _("The connection was lost"), text)
        case _:
            text = _("Something did not work on our side. What you sent was not saved.")
            return ErrorText(500, _("This did not work"), text, again, number=True)


def _describe_conflict(exc: EditConflict | FormSentBefore) -> ErrorText:
    if isinstance(exc, EditConflict):
        text = _("Another member saved this after you opened it. Yours is kept below. Nothing was overwritten.")
        return ErrorText(409, _("Two people edited this"), text, _("Keep mine"))
    if exc.saved_at:
        text = _(
            "You sent this form before, and it was saved with other content. What you typed now is kept below and is "
            "not saved yet. Look at what was saved; then save this as well, or leave it."
        )
    else:
        text = _(
            "You sent this form before, and saving it was interrupted. Part of it may be saved. Look at the page that "
            "it belongs to, and send it again only for what is missing."
        )
    return ErrorText(409, _("This form was sent before"), text, _("Save this as well"))


def newer_database_text() -> ErrorText:
    """Return the text for every page while the database is of a newer program."""
    text = _(
        "The data of this server was changed by a newer version of Caseapp than the one that runs here. "
        "Nothing is shown or saved until the newer version is installed, and no reminders are sent. Nothing "
        "is lost. Notify the person who runs the server."
    )
    return ErrorText(503, _("A newer version of Caseapp is needed"), text)


def _describe_damage(exc: OpenFailed | IndexDamaged, again: str) -> ErrorText:
    match exc:
        case CaseMissing():
            text = _(
                "The database has no file of this case, although your list still contains it. Rows were removed, or a "
                "key was lost. Tell your admin today: a backup may still have it. The list shows its dates."
            )
            return ErrorText(503, _("The file of this case is missing"), text, number=True)
        case DirectoryBehind():
            text = _(
                "The list of people of your office is older than one that was used before: rows of the database were "
                "put back. Nothing was saved. An admin decides on the page People and teams; the lists of cases and "
                "dates still open, and reminders keep going out."
            )
            return ErrorText(503, _("The list of people was put back"), text, again, number=True)
        case IndexDamaged():
            text = _(
                "The list of cases is damaged and is being rebuilt: open Today a few times, then try again. Nothing "
                "was changed."
            )
            return ErrorText(503, _("The list of cases is being rebuilt"), text, again, number=True)
        case NewerSchema():
            text = _(
                "A newer version of Caseapp wrote this, and the one that runs here cannot show it. Nothing "
                "was changed. Notify the person who runs the server: the newer version has to be installed."
            )
            return ErrorText(503, _("A newer version of Caseapp is needed"), text, again, number=True)
    text = _("A part of this does not open: it was altered or damaged. Nothing was changed.")
    return ErrorText(503, _("A part of this does not open"), text, again, number=True)


def render_error(
    request: HttpRequest,
    error: ErrorText,
    *,
    version: int | None = None,
    door: str = "",
    draft_id: str = "",
    saved_at: str | None = None,
) -> HttpResponse:
    """Render an error with the typed text, in the member's language if it is known.

    saved_at  path of what the same form saved before; not None gives the form a fresh mark, so that it saves once more
    """
    mark = form_marks.new_mark() if saved_at is not None else ""
    if "CSRF_COOKIE" not in request.META:
        # The error was raised before the CSRF middleware ran: without this the form would carry an invalid token.
        CsrfViewMiddleware(lambda _request: HttpResponse()).process_request(request)
    context = {
        "said": error,
        "number": request_number_of(request) if error.number else "",
        "kept": preserved_form_of(request, version=version, draft_id=draft_id, mark=mark) if error.again else None,
        "saved_at": saved_at or request.path,
        "door": door,
        "is_safe_to_reload": request.method in {"GET", "HEAD"},
        "has_problem": request.method == "POST",
    }
    if getattr(request, "has_language", False):
        return render(request, "errors/error.html", context, status=error.status)
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "errors/error.html", context, status=error.status)


def signed_out_response(request: HttpRequest, *, door: str, draft_id: str = "") -> HttpResponse:
    """Return 401 after a POST without a session: the user signs in in another tab, then sends again."""
    text = _("You were signed out while you typed. Nothing was saved yet, and your text is kept below.")
    return render_error(request, ErrorText(401, _("Signed out"), text, _("Send again")), door=door, draft_id=draft_id)


def ask_for_reauthentication(request: HttpRequest) -> HttpResponse:
    """Ask for passphrase and second factor again after the last check expired.

    A GET is redirected to the page that asks; a POST is answered with 403 and keeps what was typed.
    """
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(f"{REAUTHENTICATION_PATH}?{urlencode({'next': request.path})}")
    text = _("Confirm again that it is you. Nothing was saved yet, and your text is kept below.")
    return render_error(
        request, ErrorText(403, _("Confirm that it is you"), text, _("Send again")), door=REAUTHENTICATION_PATH
    )


def retry_seconds_of(exc: TooMany) -> int:
    """Return the seconds after which another try makes sense."""
    return exc.seconds if isinstance(exc, TooManyTries) else 30


def method_not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """Return 405 with the allowed methods."""
    text = _("This address does not accept that kind of request. Nothing was changed.")
    response = render_error(request, ErrorText(405, _("This address does not accept that"), text))
    response.headers["Allow"] = ", ".join(allowed)
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 404, the same page for a missing case and for one that is not shared."""
    return render_error(request, _not_found_text())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return 400, or 413 if the request was too large."""
    if isinstance(exception, RequestDataTooBig):
        return render_error(request, describe_error(exception))
    return render_error(
        request, ErrorText(400, _("Not understood"), _("We could not read this request. Go back and try again."))
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a missing or old form token.

    The typed text is returned with a fresh token if the form was ours.
    """
    text = _("This form was open for a long time, or cookies are switched off. Nothing was saved yet. Send it again.")
    return render_error(request, ErrorText(403, _("Please send this once more"), text, _("Send again")))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the error page for an exception raised below the views, such as in a middleware."""
    exc = sys.exc_info()[1]
    return error_response(request, exc or RuntimeError())


def _not_found_text() -> ErrorText:
    text = _("This page does not exist, or it is not shared with you. Ask the case's lead, or go to Today.")
    return ErrorText(404, _("Not found"), text)
