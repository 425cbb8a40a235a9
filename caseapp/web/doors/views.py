"""Sign in, sign out, lock, unlock."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caseapp.accounts import doors, sessions
from caseapp.accounts.errors import SessionGone
from caseapp.lib.errors import Refused, TooMany
from caseapp.web.answers import next_path, see_other
from caseapp.web.doors.forms import SignInForm, UnlockForm

# What the browser may still hold of earlier pages goes, too.
FORGET = '"cache", "storage"'


@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """E-mail and passphrase. Every wrong pair gets the same sentence after the same work."""
    known: Any = request
    following = next_path(request)
    if request.method != "POST":
        if known.staff is not None:
            return HttpResponseRedirect(following)
        if doors.needs_setup():
            return HttpResponseRedirect("/setup/")
        return render(request, "doors/login.html", {"form": SignInForm(), "following": following})
    form = SignInForm(request.POST)
    status = 422
    if form.is_valid():
        typed = form.cleaned_data
        try:
            signed_in = doors.sign_in(typed["email"], typed["passphrase"], address=address_of(request))
        except Refused as exc:
            status = _tell(form, exc)
        else:
            _end(_token(request))  # an older session of this browser must not live on beside the new one
            known.fresh_token = signed_in.token
            return see_other(following)
    return render(request, "doors/login.html", {"form": form, "following": following}, status=status)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session on the server and forget it in the browser."""
    _end(_token(request))
    request.fresh_token = ""  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other("/login/")
    response.headers["Clear-Site-Data"] = FORGET
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    """POST forgets the keys. GET is a clock and a way back, with no word about whose it is."""
    following = next_path(request)
    if request.method != "POST":
        return render(request, "doors/lock.html", {"following": following})
    if token := _token(request):
        try:
            sessions.lock(token)
        except SessionGone:
            request.fresh_token = ""  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other("/lock/" if following == "/" else f"/lock/?{urlencode({'next': following})}")
    response.headers["Clear-Site-Data"] = FORGET
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """The passphrase opens the locked session again, under a new cookie, where it was left."""
    known: Any = request
    following = next_path(request)
    door = "/login/" if following == "/" else f"/login/?{urlencode({'next': following})}"
    if known.door == "open":
        return see_other(following)
    if known.door != "locked":
        return see_other(door)
    if request.method != "POST":
        return render(request, "doors/unlock.html", {"form": UnlockForm(), "following": following})
    form = UnlockForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            signed_in = doors.unlock(_token(request), form.cleaned_data["passphrase"])
        except SessionGone:
            return see_other(door)
        except Refused as exc:
            status = _tell(form, exc)
        else:
            known.fresh_token = signed_in.token
            return see_other(following)
    return render(request, "doors/unlock.html", {"form": form, "following": following}, status=status)


def _tell(form: SignInForm | UnlockForm, exc: Refused) -> int:
    """Put the sentence at the passphrase; answers the status."""
    form.add_error("passphrase", _(exc.sentence))
    return 429 if isinstance(exc, TooMany) else 422


def _token(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE, "")


def _end(token: str) -> None:
    if not token:
        return
    try:
        sessions.end(token)
    except (SessionGone, ValueError):
        return  # a cookie that never was a session ends nothing


def address_of(request: HttpRequest) -> str:
    """Where the request came from, as the reverse proxy saw it; only for slowing down guesses, never stored."""
    forwarded = "" if settings.PLAIN_HTTP else request.headers.get("X-Forwarded-For", "")
    # The last entry is the one our own proxy added; the ones before it are the client's to invent.
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
