"""First run, steps 3 to 5: the second factor, the recovery code typed back, and a test mail."""

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.account.forms.factors import SetUpAppForm, SetUpPasskeyForm
from caseapp.account.forms.sign_in import RecoveryCodeForm
from caseapp.account.pages import reminders
from caseapp.account.views import cookies, factors, join, typed_back
from caseapp.account.views.recently_checked import recently_checked
from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import office_codes, passkeys, recovery_code, totp
from caseapp.lib.errors import NotFound, Refused
from caseapp.reminders.sending import preferences
from caseapp.ui.forms import set_up_steps
from caseapp.ui.forms.form_saving import posted_data, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import RECOVERY_PATH, staff_view
from caseapp.vault.errors import OpenFailed

CODE_PURPOSE = "recovery code"
FACTOR_ACTS = {"app", "passkey", "later"}


@staff_view(["GET", "POST"], before_recovery=True)
@recently_checked
def set_up_second_factor(request: StaffRequest) -> HttpResponse:
    """Offer a second factor (step 3): `act=app`, `act=passkey`, or `act=later` within a day."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and act not in FACTOR_ACTS:
        raise NotFound("no such act")
    if not request.staff.recovery_pending or request.staff.is_awaiting_approval or act == "later":
        return see_other(RECOVERY_PATH)
    secret = request.POST.get("proof", "") if act == "app" else totp.propose_secret()
    app = SetUpAppForm(request.POST if act == "app" else None, initial={"proof": secret})
    passkey = SetUpPasskeyForm(request.POST if act == "passkey" else None, auto_id="passkey_%s")
    try:
        if act == "app" and app.is_valid() and _add_app(request, secret, app):
            return factors.redirect_after_adding(request, RECOVERY_PATH)
        if act == "passkey" and passkey.is_valid() and _add_passkey(request, passkey):
            return factors.redirect_after_adding(request, RECOVERY_PATH)
        address = totp.provisioning_uri(secret, account=request.staff.name)
    except OpenFailed:  # the secret is not one that a page of this server showed
        return see_other(reverse("account:setup_factor"))
    site = cookies.site_of(request, cookies.session_token_of(request))
    context = {
        **set_up_steps.step_context(set_up_steps.FACTOR),
        "form": passkey if act == "passkey" else app,
        "app": app,
        "passkey": passkey,
        "secret": secret,
        "address": address,
        "options": passkeys.registration_options(request.staff.keys, site, name=request.staff.name),
        "takes_passkeys": cookies.takes_passkeys(request),
    }
    return render(request, "account/setup_factor.html", context, status=422 if act else 200)


def _add_app(request: StaffRequest, secret: str, form: SetUpAppForm) -> bool:
    """Add the app if the code is its own; else the form says what is wrong. Raises OpenFailed."""
    try:
        totp.confirm_secret(request.staff.keys, secret, form.cleaned_data["code"], name=_("Authenticator app"))
    except Refused as exc:
        cookies.add_refusal(form, "code", exc)
        return False
    return True


def _add_passkey(request: StaffRequest, form: SetUpPasskeyForm) -> bool:
    site = cookies.site_of(request, cookies.session_token_of(request))
    try:
        passkeys.register(request.staff.keys, site, form.cleaned_data["answer"], name=_("Passkey"))
    except Refused as exc:
        cookies.add_refusal(form, "__all__", exc)
        return False
    return True


@staff_view(["GET", "POST"], before_recovery=True)
def set_up_recovery_code(request: StaffRequest) -> HttpResponse:
    """Show the recovery code once and ask to type it back (step 4; the third page of an invitation).

    Until then every page redirects to this page.
    """
    staff = request.staff
    if not staff.recovery_pending:
        return see_other("/")
    if request.method != "POST":
        code = recovery_code.propose_recovery_code(staff)
        context = {
            **_recovery_steps(staff),
            "form": RecoveryCodeForm(),
            "code": code,
            "proof": typed_back.code_proof(code, CODE_PURPOSE),
            "office_code": office_codes.find_code(staff.org_id),
        }
        return render(request, "account/recovery.html", context)
    form, proof = RecoveryCodeForm(request.POST), request.POST.get("proof", "")
    if form.is_valid() and (typed := typed_back.read_typed_code(form, proof, purpose=CODE_PURPOSE)):
        recovery_code.confirm_recovery_code(staff, typed, typed)
        return see_other(reverse("account:setup_mail") if _is_founding(staff) else "/", "set-up")
    context = {**_recovery_steps(staff), "form": form, "code": "", "proof": proof}
    return render(request, "account/recovery.html", context, status=422)


def _recovery_steps(staff: Staff) -> dict[str, object]:
    """Return the steps of the set-up, or those of an invitation."""
    if staff.is_awaiting_approval:
        return {"steps": join.stepper_labels(), "now": 3}
    return set_up_steps.step_context(set_up_steps.RECOVERY)


def _is_founding(staff: Staff) -> bool:
    """Return whether this is the first member, who goes on to the test mail and the first colleague."""
    if staff.is_awaiting_approval or not staff.is_admin:
        return False
    return len(members.read_directory(staff.keys, accepts_older=True).active_people) == 1


@staff_view(["GET", "POST"])
def set_up_test_mail(request: StaffRequest) -> HttpResponse:
    """Send the first test mail (step 5), or say that reminders are not going out yet."""
    staff = request.staff
    reached = reminders.reminder_settings_of(staff)
    form = forms.Form(posted_data(request))
    status = 200
    if request.method == "POST":
        if try_action(form, lambda: preferences.send_test(staff.org_id, staff.member_id, number=0)):
            return see_other(reverse("account:setup_mail"), "test-sent")
        status, reached = 422, reminders.reminder_settings_of(staff)
    context = {
        **set_up_steps.step_context(set_up_steps.MAIL),
        "form": form,
        "line": reminders.first_address_line(reached),
        "has_mail_server": settings.MAIL_IS_SET,
    }
    return render(request, "account/setup_mail.html", context, status=status)
