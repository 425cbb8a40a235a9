"""Pages between the passphrase and the first page: the second factor, and a new passphrase after the recovery code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.factors import NewPassphraseForm, SecondFactorForm
from caseapp.account.services import security_notices
from caseapp.account.views import cookies, typed_back
from caseapp.accounts.errors import FactorNeeded, SessionGone
from caseapp.accounts.keys import bundles
from caseapp.accounts.signin import factors, passkeys, passphrase, sessions, sign_in
from caseapp.accounts.signin.session_state import FACTOR
from caseapp.lib.errors import EditConflict, Refused
from caseapp.ui.requests.redirects import next_path, see_other

CODE_PURPOSE = "recovery code"


@require_http_methods(["GET", "HEAD", "POST"])
def check_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for an authenticator code or a passkey. After ten minutes the sign-in starts again at the passphrase."""
    following, token = next_path(request), cookies.half_session_token_of(request)
    half = _open_half_session(token)
    if half is None:
        return see_other("/sign-in/")
    if FACTOR not in half.about.needs:
        return see_other("/sign-in/rescue/")
    has_app = bool(factors.list_factors(half, kind="app"))
    form = SecondFactorForm(request.POST if request.method == "POST" else None, has_app=has_app)
    status, refusal = (422 if form.is_bound else 200), None
    if form.is_bound and form.is_valid():
        device = cookies.known_browser_token_of(request)
        try:
            if answer := form.cleaned_data.get("proof"):
                signed_in = sign_in.submit_passkey(token, cookies.site_of(request, token), answer, device=device)
            else:
                signed_in = sign_in.submit_code(token, form.cleaned_data["code"], device=device)
        except FactorNeeded as exc:
            return cookies.set_half_session_cookie(see_other("/sign-in/rescue/"), exc.token)
        except SessionGone:
            return see_other("/sign-in/")
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "code" if has_app else "__all__", exc)
        else:
            return cookies.signed_in_response(request, signed_in, following)
    options = _passkey_options(request, half, token)
    context = {"form": form, "following": following, "options": options, "has_app": has_app}
    return cookies.set_retry_after(render(request, "account/factor.html", context, status=status), refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def renew_passphrase(request: HttpRequest) -> HttpResponse:
    """Ask for a new passphrase and show a new code after a sign-in with the recovery code, which counts once."""
    token = cookies.half_session_token_of(request)
    half = _open_half_session(token)
    if half is None:
        return see_other("/sign-in/")
    if FACTOR in half.about.needs:
        return see_other("/sign-in/factor/")
    if request.method != "POST":
        return render(request, "account/rescue.html", propose_words_and_code(NewPassphraseForm()))
    form, proof = NewPassphraseForm(request.POST), request.POST.get("proof", "")
    status = 422
    if form.is_valid() and (code := read_typed_code(form, proof)):
        try:
            email = security_notices.known_email(half.org_id, half.member_id)
            words = form.cleaned_data["words"]
            signed_in = sign_in.replace_passphrase_after_recovery(token, new=words, code=code, email=email)
        except SessionGone:
            return see_other("/sign-in/")
        except EditConflict:
            form.add_error(None, _("Your account changed at the same moment. Send it once more."))
        except Refused as exc:
            status = cookies.add_refusal(form, "words", exc)
        else:
            security_notices.send_new_access_notice(signed_in.staff)
            return cookies.signed_in_response(request, signed_in, "/", "passphrase-changed")
    return render(request, "account/rescue.html", {"form": form, "proof": proof}, status=status)


def propose_words_and_code(form: NewPassphraseForm) -> dict[str, object]:
    """Return six new words and a new code, shown once.

    The page carries a proof of the code, not the code.
    """
    code = bundles.generate_recovery_code()
    proof = typed_back.code_proof(code, CODE_PURPOSE)
    return {"form": form, "proof": proof, "code": code, "shown": passphrase.propose_passphrase().split()}


def read_typed_code(form: NewPassphraseForm, proof: str) -> str:
    """Return the code in its printed form if it matches the proof; else add an error and return an empty string."""
    return typed_back.read_typed_code(form, proof, purpose=CODE_PURPOSE)


def _open_half_session(token: str) -> sessions.HalfSession | None:
    try:
        return sessions.open_half(token)
    except SessionGone:
        return None


def _passkey_options(request: HttpRequest, half: sessions.HalfSession, token: str) -> str:
    if not cookies.takes_passkeys(request) or not factors.list_factors(half, kind="passkey"):
        return ""
    return passkeys.authentication_options(cookies.site_of(request, token), half)
