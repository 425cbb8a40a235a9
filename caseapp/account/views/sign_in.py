"""Sign in, sign out, lock, unlock."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from caseapp.account.forms.sign_in import SignInForm, UnlockForm
from caseapp.account.views import cookies
from caseapp.accounts.errors import FactorNeeded, SessionGone
from caseapp.accounts.members import new_office
from caseapp.accounts.signin import passkeys, sessions, sign_in
from caseapp.lib.errors import Refused
from caseapp.ui.requests.client_address import client_address_of
from caseapp.ui.requests.redirects import next_path, see_other

# Value of Clear-Site-Data: the browser also deletes what it stored of earlier pages.
CLEARED_SITE_DATA = '"cache", "storage"'


@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with e-mail and passphrase.

    Each wrong pair gets the same sentence after the same amount of work.
    """
    known: Any = request
    following = next_path(request)
    if request.method != "POST":
        if known.staff is not None:
            return HttpResponseRedirect(following)
        if new_office.needs_setup():
            return render(request, "account/not_set_up.html")
        form = SignInForm(initial={"office_code": cookies.office_code_of(request)})
        return render(request, "account/login.html", {"form": form, "following": following})
    form = SignInForm(request.POST)
    status, refusal = 422, None
    if form.is_valid():
        typed = form.cleaned_data
        try:
            signed_in = sign_in.sign_in(
                typed["email"],
                typed["passphrase"],
                office_code=typed["office_code"],
                address=client_address_of(request),
                device=cookies.known_browser_token_of(request),
                agent=request.headers.get("User-Agent", "")[:400],
            )
        except FactorNeeded as exc:
            _end_session(cookies.session_token_of(request))
            return cookies.set_half_session_cookie(_redirect_to_factor(following), exc.token)
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "passphrase", exc)
        else:
            _end_session(cookies.session_token_of(request))  # an older session of this browser must not stay open
            return cookies.signed_in_response(request, signed_in, following)
    response = render(request, "account/login.html", {"form": form, "following": following}, status=status)
    return cookies.set_retry_after(response, refusal)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session on the server and delete its cookie in the browser."""
    _end_session(cookies.session_token_of(request))
    request.fresh_token = ""  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other("/sign-in/")
    response.headers["Clear-Site-Data"] = CLEARED_SITE_DATA
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the session by POST, which forgets its keys; show the lock page by GET.

    The lock page has a clock and a link back, and does not say whose session it is.
    """
    following = next_path(request)
    if request.method != "POST":
        return render(request, "account/lock.html", {"following": following})
    if token := cookies.session_token_of(request):
        try:
            sessions.lock(token)
        except SessionGone:
            request.fresh_token = ""  # type: ignore[attr-defined]  # read by StaffOfRequest
    response = see_other("/lock/" if following == "/" else f"/lock/?{urlencode({'next': following})}")
    response.headers["Clear-Site-Data"] = CLEARED_SITE_DATA
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Unlock the session with the passphrase, under a new cookie, and return to the page where it was locked."""
    known: Any = request
    following = next_path(request)
    door = "/sign-in/" if following == "/" else f"/sign-in/?{urlencode({'next': following})}"
    if known.door == "open":
        return see_other(following)
    if known.door != "locked":
        return see_other(door)
    if request.method != "POST":
        return _render_unlock_page(request, UnlockForm(), 200)
    form = UnlockForm(request.POST)
    status, refusal = 422, None
    if form.is_valid():
        try:
            signed_in = sign_in.unlock(cookies.session_token_of(request), form.cleaned_data["passphrase"])
        except SessionGone:
            return see_other(door)
        except FactorNeeded as exc:
            return cookies.set_half_session_cookie(_redirect_to_factor(following), exc.token)
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "passphrase", exc)
        else:
            return cookies.signed_in_response(request, signed_in, following)
    return cookies.set_retry_after(_render_unlock_page(request, form, status), refusal)


@require_POST
def unlock_with_passkey(request: HttpRequest) -> HttpResponse:
    """Unlock the session with a passkey that opens the key bundle, without the passphrase."""
    token, answer = cookies.session_token_of(request), request.POST.get("proof", "")
    try:
        signed_in = sign_in.unlock_with_passkey(token, cookies.site_of(request, token), answer)
    except SessionGone:
        return see_other("/sign-in/")
    except Refused as exc:
        form = UnlockForm({"passphrase": ""})
        form.full_clean()
        form.errors.clear()
        return cookies.set_retry_after(
            _render_unlock_page(request, form, cookies.add_refusal(form, "passphrase", exc)), exc
        )
    return cookies.signed_in_response(request, signed_in, next_path(request))


def _render_unlock_page(request: HttpRequest, form: UnlockForm, status: int) -> HttpResponse:
    """Render the unlock page, with a passkey button if the member has a passkey that opens the bundle."""
    token, options = cookies.session_token_of(request), ""
    if cookies.takes_passkeys(request) and sign_in.can_unlock_with_passkey(token):
        options = passkeys.authentication_options(cookies.site_of(request, token))
    context = {"form": form, "following": next_path(request), "options": options}
    return render(request, "account/unlock.html", context, status=status)


def _redirect_to_factor(following: str) -> HttpResponse:
    query = "" if following == "/" else f"?{urlencode({'next': following})}"
    return see_other(f"/sign-in/factor/{query}")


def _end_session(token: str) -> None:
    if not token:
        return
    try:
        sessions.end(token)
    except (SessionGone, ValueError):
        return  # the cookie never belonged to a session
