"""Pages of a member's second factors and devices, and the page that asks for the passphrase again."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.account.forms.factors import AuthenticatorAppForm, PasskeyForm, ReauthenticationForm
from caseapp.account.views import cookies
from caseapp.account.views.recently_checked import recently_checked
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.signin import active_sessions, factors, passkeys, reauthentication, sessions, totp
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui import limits
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.errors import OpenFailed

SECURITY_PATH = "/account/security/"


@staff_view(["GET"], before_factor=True)
def security_overview(request: StaffRequest) -> HttpResponse:
    """Show the second factors, the passphrase and the devices of this account."""
    context = {
        "factors": factors.list_factors(request.staff.keys),
        "devices": active_sessions.list_devices(request.staff),
        "takes_passkeys": cookies.takes_passkeys(request),
        "is_due": request.staff.factor_due,
        "narrow": True,
    }
    return render(request, "account/factors.html", context)


@staff_view(["GET", "POST"], before_factor=True)
@recently_checked
def add_authenticator_app(request: StaffRequest) -> HttpResponse:
    """Add an authenticator app: show the secret and its QR code, then check a code from the app."""
    if request.method != "POST" and not factors.may_add(request.staff.keys):
        return _show_full(request, _("Authenticator app"))
    secret = request.POST.get("proof", "") if request.method == "POST" else totp.propose_secret()
    form = AuthenticatorAppForm(request.POST if request.method == "POST" else None, initial={"proof": secret})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        device_name = factors.clean_name(form.cleaned_data["name"], _("Authenticator app"))
        try:
            totp.confirm_secret(request.staff.keys, secret, form.cleaned_data["code"], name=device_name)
        except OpenFailed:
            return see_other("/account/security/app/")
        except Refused as exc:
            status = cookies.add_refusal(form, "code", exc)
        else:
            return redirect_after_adding(request)
    try:
        address = totp.provisioning_uri(secret, account=request.staff.name)
    except OpenFailed:
        return see_other("/account/security/app/")
    context = {"form": form, "secret": secret, "address": address, "narrow": True}
    return render(request, "account/authenticator_app.html", context, status=status)


@staff_view(["GET", "POST"], before_factor=True)
@recently_checked
def add_passkey(request: StaffRequest) -> HttpResponse:
    """Add a passkey: the page's script asks the device and posts its answer."""
    if request.method != "POST" and not factors.may_add(request.staff.keys):
        return _show_full(request, _("Add a passkey"))
    token = cookies.session_token_of(request)
    site = cookies.site_of(request, token)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        device_name = factors.clean_name(form.cleaned_data["name"], _("Passkey"))
        try:
            passkeys.register(request.staff.keys, site, form.cleaned_data["proof"], name=device_name)
        except Refused as exc:
            status = cookies.add_refusal(form, "__all__", exc)
        else:
            return redirect_after_adding(request)
    context = {
        "form": form,
        "options": passkeys.registration_options(request.staff.keys, site, name=request.staff.name),
        "takes_passkeys": cookies.takes_passkeys(request),
        "narrow": True,
    }
    return render(request, "account/passkey.html", context, status=status)


@staff_view(["GET", "POST"])
@recently_checked
def remove_factor(request: StaffRequest, factor_id: UUID) -> HttpResponse:
    """Ask once more, then remove a second factor; a removed factor no longer opens the account."""
    held = {factor.id: factor for factor in factors.list_factors(request.staff.keys)}
    if factor_id not in held:
        raise NotFound(f"factor {factor_id}")
    if request.method == "POST":
        passkeys.remove_wrap(request.staff.keys, factors.remove(request.staff, factor_id))
        audit_trail.record_entry_in_transaction(request.staff.keys, "factor.remove", target=factor_id)
        return see_other(SECURITY_PATH, "factor-removed")
    if request.staff.is_admin and len(held) == 1:
        title, href = _("Remove a second factor"), reverse("account:security")
        return limits.show_limit(request, title, _(factors.LAST_FACTOR), href=href, label=_("Sign-in and keys"))
    return render(request, "account/remove_factor.html", {"factor": held[factor_id], "narrow": True})


@staff_view(["GET", "POST"], before_recovery=True)
def confirm_identity(request: StaffRequest) -> HttpResponse:
    """Ask for the passphrase and the second factor again, then return to the page that required it."""
    staff, following, token = request.staff, next_path(request, SECURITY_PATH), cookies.session_token_of(request)
    kinds = {held.means.kind for held in factors.list_factors(staff.keys)}
    form = ReauthenticationForm(
        request.POST if request.method == "POST" else None, has_factor=bool(kinds), has_app="app" in kinds
    )
    status, refusal = (422 if form.is_bound else 200), None
    site = cookies.site_of(request, token)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            fresh = reauthentication.check_credentials(
                staff,
                token,
                passphrase=typed["passphrase"],
                code=typed.get("code", ""),
                site=site,
                answer=typed.get("proof", ""),
            )
        except SessionGone:
            return see_other("/sign-in/")
        except Refused as exc:
            refusal = exc
            status = cookies.add_refusal(
                form, "passphrase" if exc.code in {"no_match", "slow", "busy"} else "__all__", exc
            )
        else:
            request.fresh_token = fresh  # type: ignore[attr-defined]  # read by StaffOfRequest
            return see_other(following, "checked" if following != SECURITY_PATH else "")
    can = "passkey" in kinds and cookies.takes_passkeys(request)
    options = passkeys.authentication_options(site, staff.keys) if can else ""
    context = {"form": form, "following": following, "options": options, "kinds": kinds, "narrow": True}
    return cookies.set_retry_after(render(request, "account/reauthenticate.html", context, status=status), refusal)


@staff_view(["POST"])
def end_device(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Sign another device out."""
    presence = request.staff.presence
    if presence is not None and device_id == presence.session:
        raise Refused("this", _("This is the device you are on. Use Sign out."))
    if not active_sessions.end_device(request.staff, device_id):
        raise NotFound(f"device {device_id}")
    return see_other(next_path(request, "/account/"), "device-ended")


@staff_view(["POST"])
def end_other_devices(request: StaffRequest) -> HttpResponse:
    """Sign all other devices out."""
    presence = request.staff.presence
    active_sessions.end_all(request.staff.keys, except_chain=presence.session if presence else None)
    return see_other(next_path(request, "/account/"), "device-ended")


def _show_full(request: StaffRequest, title: str) -> HttpResponse:
    href = reverse("account:security")
    return limits.show_limit(request, title, _(factors.ENOUGH_FACTORS), href=href, label=_("Sign-in and keys"))


def redirect_after_adding(request: StaffRequest, following: str = SECURITY_PATH) -> HttpResponse:
    """Mark the session as one with a second factor, under a fresh cookie, and redirect."""
    request.fresh_token = sessions.record_reauthentication(cookies.session_token_of(request), has_factor=True)  # type: ignore[attr-defined]
    if not request.staff.is_awaiting_approval:  # a member not yet approved has no access to the audit trail
        audit_trail.record_entry_in_transaction(request.staff.keys, "factor.add")
    return see_other(following, "factor-added")
