"""Settings page of the gateway for texts to clients and of the STOP webhook. Admins only."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.keys import office_file
from caseapp.accounts.signin import reauthentication
from caseapp.clients.forms.contact import GatewayForm, GatewayTestForm
from caseapp.clients.services import gateway as texting_settings
from caseapp.lib import base64url
from caseapp.lib.errors import NotFound
from caseapp.reminders.sending import client_gateway
from caseapp.ui.forms.form_saving import try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction

HOOK_USER = "caseapp"  # text companies want a user name; any is taken
DONE = {"set": "saved", "remove": "saved", "try": "test-sent", "end": "saved"}


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def manage_gateway(request: StaffRequest) -> HttpResponse:
    """Set, test and remove the gateway; create and remove the STOP webhook address, which is shown once."""
    staff = request.staff
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and act not in {*DONE, "make"}:
        raise NotFound("act")
    if act in {"set", "make"}:
        reauthentication.require(staff)
    built = {
        "set": GatewayForm(request.POST if act == "set" else None, prefix="set"),
        "try": GatewayTestForm(request.POST if act == "try" else None, prefix="try"),
        **{name: forms.Form(request.POST if act == name else None) for name in ("remove", "end")},
    }
    form = built.get(act)
    if act == "make":
        token = texting_settings.create_opt_out_address(staff)
        return _render_page(request, built, act, None, token=token)
    if form is not None and form.is_valid() and try_action(form, _service_call(request, act, form)):
        return see_other(reverse("clients:gateway"), DONE[act])
    return _render_page(request, built, act, form, status=422 if act else 200)


def _service_call(request: StaffRequest, act: str, form: forms.Form) -> Callable[[], None]:
    staff, fields = request.staff, form.cleaned_data
    calls: dict[str, Callable[[], None]] = {
        "set": lambda: texting_settings.set_gateway(staff, fields["address"]),
        "remove": lambda: texting_settings.set_gateway(staff, ""),
        "try": lambda: texting_settings.send_test_text(staff, fields["number"]),
        "end": lambda: texting_settings.remove_opt_out_address(staff),
    }
    return calls[act]


def _render_page(
    request: StaffRequest,
    built_forms: dict[str, Any],
    act: str,
    form: forms.Form | None,
    *,
    token: bytes | None = None,
    status: int = 200,
) -> HttpResponse:
    staff = request.staff
    with office_transaction(staff.org_id):
        set_to, has_hook = office_file.read_office(staff.keys).client_gateway, opt_out_inbox.has_address(staff.org_id)
    context = {
        "forms": built_forms,
        "form": form,
        "opened": act,
        "addresses": _opt_out_addresses(token) if token else None,
        "has_hook": has_hook,
        "gateway": client_gateway.mask_address(set_to) if set_to else "",
        "kept_days": opt_out_inbox.KEPT_DAYS,
    }
    return render(request, "clients/gateway.html", context, status=status)


def _opt_out_addresses(token: bytes) -> dict[str, str]:
    """Return both ways to give a text company the web hook: with a password in a header, and with it in the path."""
    code = base64url.encode(token)
    return {
        "with_password": settings.ORIGIN.rstrip("/") + reverse("clients:hook_basic"),
        "user": HOOK_USER,
        "password": code,
        "with_code": settings.ORIGIN.rstrip("/") + reverse("clients:hook", args=[code]),
    }
