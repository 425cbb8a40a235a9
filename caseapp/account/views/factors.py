"""Pages of a member's second factors and devices, and the page that asks for the passphrase again."""

from uuid import UUID

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from caseapp.account.forms.factors import AppForm, CheckForm, PasskeyForm
from caseapp.account.views import cookies
from caseapp.account.views.recently_checked import recently_checked
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.signin import active_sessions, factors, passkeys, reauthentication, sessions, totp
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.errors import OpenFailed

HOME = "/me/security/"


@staff_view(["GET"], before_factor=True)
def overview(request: StaffRequest) -> HttpResponse:
    """Show the second factors, the passphrase and the devices of this account."""
    context = {
        "factors": factors.of(request.staff.keys),
        "devices": active_sessions.of_member(request.staff),
        "takes_passkeys": cookies.takes_passkeys(request),
        "is_due": request.staff.factor_due,
        "narrow": True,
    }
    return render(request, "account/factors.html", context)


@staff_view(["GET", "POST"], before_factor=True)
@recently_checked
def app(request: StaffRequest) -> HttpResponse:
    """Add an authenticator app: show the secret and its QR code, then check a code from the app."""
    secret = request.POST.get("proof", "") if request.method == "POST" else totp.propose()
    form = AppForm(request.POST if request.method == "POST" else None, initial={"proof": secret})
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        device_name = factors.named(form.cleaned_data["name"], _("Authenticator app"))
        try:
            totp.confirm(request.staff.keys, secret, form.cleaned_data["code"], name=device_name)
        except OpenFailed:
            return see_other("/me/security/app/")
        except Refused as exc:
            status = cookies.told(form, "code", exc)
        else:
            return _added(request)
    try:
        picture = _qr(totp.address(secret, account=request.staff.name))
    except OpenFailed:
        return see_other("/me/security/app/")
    context = {"form": form, "secret": secret, "picture": picture, "narrow": True}
    return render(request, "account/authenticator_app.html", context, status=status)


@staff_view(["GET", "POST"], before_factor=True)
@recently_checked
def passkey(request: StaffRequest) -> HttpResponse:
    """Add a passkey: the page's script asks the device and posts its answer."""
    token = cookies.token_of(request)
    site = cookies.site_of(request, token)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        device_name = factors.named(form.cleaned_data["name"], _("Passkey"))
        try:
            passkeys.register(request.staff.keys, site, form.cleaned_data["proof"], name=device_name)
        except Refused as exc:
            status = cookies.told(form, "__all__", exc)
        else:
            return _added(request)
    context = {
        "form": form,
        "options": passkeys.to_register(request.staff.keys, site, name=request.staff.name),
        "takes_passkeys": cookies.takes_passkeys(request),
        "narrow": True,
    }
    return render(request, "account/passkey.html", context, status=status)


@staff_view(["GET", "POST"])
@recently_checked
def remove(request: StaffRequest, factor_id: UUID) -> HttpResponse:
    """Ask once more, then remove a second factor; a removed factor no longer opens the account."""
    held = {factor.id: factor for factor in factors.of(request.staff.keys)}
    if factor_id not in held:
        raise NotFound(f"factor {factor_id}")
    if request.method == "POST":
        passkeys.drop_way(request.staff.keys, factors.remove(request.staff, factor_id))
        audit_trail.note_here(request.staff.keys, "factor.remove", target=factor_id)
        return see_other(HOME, "factor-removed")
    return render(request, "account/remove_factor.html", {"factor": held[factor_id], "narrow": True})


@staff_view(["GET", "POST"], before_factor=True)
def check(request: StaffRequest) -> HttpResponse:
    """Ask for the passphrase and the second factor again, then return to the page that required it."""
    staff, following, token = request.staff, next_path(request, HOME), cookies.token_of(request)
    kinds = {held.means.kind for held in factors.of(staff.keys)}
    form = CheckForm(request.POST if request.method == "POST" else None, has_factor=bool(kinds), has_app="app" in kinds)
    status, refusal = (422 if form.is_bound else 200), None
    site = cookies.site_of(request, token)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            fresh = reauthentication.check(
                staff, token, passphrase=typed["passphrase"], code=typed.get("code", ""), site=site,
                answer=typed.get("proof", ""),
            )  # fmt: skip
        except SessionGone:
            return see_other("/login/")
        except Refused as exc:
            refusal = exc
            status = cookies.told(form, "passphrase" if exc.code in {"no_match", "slow", "busy"} else "__all__", exc)
        else:
            request.fresh_token = fresh  # type: ignore[attr-defined]  # read by StaffOfRequest
            return see_other(following, "checked" if following != HOME else "")
    can = "passkey" in kinds and cookies.takes_passkeys(request)
    options = passkeys.to_show(site, staff.keys) if can else ""
    context = {"form": form, "following": following, "options": options, "kinds": kinds, "narrow": True}
    return cookies.waiting(render(request, "account/reauthenticate.html", context, status=status), refusal)


@staff_view(["POST"])
def end_device(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """Sign another device out."""
    presence = request.staff.presence
    if presence is not None and device_id == presence.session:
        raise Refused("this", _("This is the device you are on. Use Sign out."))
    if not active_sessions.end_device(request.staff, device_id):
        raise NotFound(f"device {device_id}")
    return see_other(next_path(request, "/me/"), "device-ended")


@staff_view(["POST"])
def end_others(request: StaffRequest) -> HttpResponse:
    """Sign all other devices out."""
    presence = request.staff.presence
    active_sessions.end_all(request.staff.keys, but=presence.session if presence else None)
    return see_other(next_path(request, "/me/"), "device-ended")


def _added(request: StaffRequest) -> HttpResponse:
    """Mark the session as one with a second factor, under a fresh cookie, and redirect to the overview."""
    request.fresh_token = sessions.checked(cookies.token_of(request), has_factor=True)  # type: ignore[attr-defined]
    if not request.staff.is_waiting:  # a member not yet approved has no access to the audit trail
        audit_trail.note_here(request.staff.keys, "factor.add")
    return see_other(HOME, "factor-added")


def _qr(address: str) -> SafeString:
    """Return the QR code as SVG, drawn on the server.

    It is dark on white in dark mode too, because telephones read no other colors.
    """
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  # segno draws it from our own text: one path of numbers
