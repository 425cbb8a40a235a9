"""Reminder pages: the settings of a member, and the delivery log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.account.forms.reminders import (
    AbsenceForm,
    AddGatewayForm,
    ChosenAddressForm,
    MessageHoursForm,
    MessageLevelForm,
    ReminderEmailForm,
)
from caseapp.account.pages import reminders
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import NotFound
from caseapp.reminders import recipients
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import delivery_log, preferences
from caseapp.ui.forms.form_saving import try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

# The acts of the settings page, with the code of the sentence shown afterwards.
ACTS = {
    "mail": "saved",
    "add": "address-added",
    "remove": "saved",
    "test": "test-sent",
    "hours": "saved",
    "away": "saved",
    "back": "saved",
    "level": "saved",
}

REDIRECTING = {"mail", "add", "remove", "away"}  # acts that change where reminders go


@staff_view(["GET", "POST"])
def edit_reminder_settings(request: StaffRequest) -> HttpResponse:
    """Show and save addresses, hours and absence; for an admin also the level of the office and its members.

    Who changes where reminders go has to be there: passphrase and factor are asked for again after ten minutes.
    """
    staff = request.staff
    reached = reminders.reminder_settings_of(staff)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and (act not in ACTS or (act == "level" and not staff.is_admin)):
        raise NotFound("act")
    if act in REDIRECTING:
        reauthentication.require(staff)
    bound = {act: request.POST} if act else {}
    built = _build_forms(request, reached, bound)
    form = built.get(act)
    if form is not None and form.is_valid() and try_action(form, _service_call_of(request, reached, act, form)):
        return see_other(reverse("account:reminders"), ACTS[act])
    context = {
        "page": reminders.reminder_settings_page(staff, reached),
        "forms": built,
        "opened": act,
        "form": form,
        "narrow": False,
    }
    return render(request, "account/reminders.html", context, status=422 if act else 200)


def _build_forms(request: StaffRequest, reached: Recipient, bound: dict[str, Any]) -> dict[str, forms.Form]:
    prefs = reached.settings
    hours = MessageHoursForm.initial_of(prefs.language, prefs.zone, prefs.quiet, prefs.digest)
    away = (
        {"first": prefs.away.first, "last": prefs.away.last, "stand_in": str(prefs.away.stand_in)} if prefs.away else {}
    )
    return {
        "mail": ReminderEmailForm(bound.get("mail"), initial={"email": prefs.address}, prefix="mail"),
        "add": AddGatewayForm(bound.get("add"), prefix="add"),
        "remove": ChosenAddressForm(bound.get("remove")),
        "test": ChosenAddressForm(bound.get("test")),
        "hours": MessageHoursForm(bound.get("hours"), initial=hours, prefix="hours"),
        "away": AbsenceForm(
            bound.get("away"), initial=away, prefix="away", colleagues=reminders.stand_in_choices(request.staff)
        ),
        "back": forms.Form(bound.get("back")),
        "level": MessageLevelForm(bound.get("level"), initial={"level": prefs.level}, prefix="level"),
    }


def _service_call_of(request: StaffRequest, reached: Recipient, act: str, form: forms.Form) -> Callable[[], None]:
    """Return the service call for the posted act."""
    ids = request.staff.org_id, request.staff.member_id
    cleaned = form.cleaned_data
    if act in {"remove", "test"}:
        _require_as_shown(reached, cleaned["number"], cleaned["shown"])
    calls: dict[str, Callable[[], None]] = {
        "mail": lambda: preferences.set_email(*ids, email=cleaned["email"]),
        "add": lambda: preferences.add_gateway(*ids, address=cleaned["address"].strip()),
        "remove": lambda: preferences.remove_address(*ids, number=cleaned["number"]),
        "test": lambda: preferences.send_test(*ids, number=cleaned["number"]),
        "hours": lambda: (
            preferences.set_hours(*ids, **form.message_hours()) if isinstance(form, MessageHoursForm) else None
        ),
        "away": lambda: (
            preferences.set_absence(*ids, **form.absence_period()) if isinstance(form, AbsenceForm) else None
        ),
        "back": lambda: preferences.end_absence(*ids),
        "level": lambda: recipients.set_level(ids[0], cleaned["level"]),
    }
    return calls[act]


def _require_as_shown(reached: Recipient, number: int, shown: str) -> None:
    """Raise NotFound unless the numbered address is the one that the page showed.

    Another tab may have removed an address, which shifts the numbers.
    """
    addresses = reached.settings.addresses
    if not number < len(addresses) or reminders.displayed_address(addresses[number]) != shown:
        raise NotFound("address")


@staff_view(["GET", "POST"])
def show_delivery_log(request: StaffRequest) -> HttpResponse:
    """Show when each message went out, by which channel and in which state, never what it was about.

    A POST tries a stuck message again.
    """
    if request.method == "POST":
        try:
            member = UUID(request.POST.get("member", ""))
        except ValueError:
            raise NotFound("member") from None
        if not reminders.may_try_again(request.staff, member):
            raise NotFound("member")
        delivery_log.try_again(request.staff.org_id, member)
        return see_other(reverse("account:delivery_log"), "try-again")
    return render(request, "account/delivery_log.html", {"page": reminders.delivery_log_page(request.staff)})
