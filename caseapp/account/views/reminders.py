"""Reminder pages: the settings of a member, and the delivery log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.account.forms.reminders import AddForm, AwayForm, HoursForm, LevelForm, MailForm, WayForm
from caseapp.account.pages import reminders
from caseapp.lib.errors import NotFound
from caseapp.reminders import recipients
from caseapp.reminders.recipients import Reached
from caseapp.reminders.sending import delivery_log, preferences
from caseapp.ui.forms.form_saving import attempt
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

# The acts of the settings page, with the code of the sentence shown afterwards.
ACTS = {
    "mail": "saved", "add": "address-added", "remove": "saved", "test": "test-sent", "hours": "saved", "away": "saved",
    "back": "saved", "level": "saved",
}  # fmt: skip


@staff_view(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """Show and save addresses, hours and absence; for an admin also the level of the office and its members."""
    staff = request.staff
    reached = reminders.own(staff)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and (act not in ACTS or (act == "level" and not staff.is_admin)):
        raise NotFound("act")
    bound = {act: request.POST} if act else {}
    built = _forms(request, reached, bound)
    form = built.get(act)
    if form is not None and form.is_valid() and attempt(form, _act(request, reached, act, form)):
        return see_other(reverse("reminders:settings"), ACTS[act])
    context = {
        "page": reminders.settings_page(staff, reached), "forms": built, "opened": act, "form": form, "narrow": False,
    }  # fmt: skip
    return render(request, "account/reminders.html", context, status=422 if act else 200)


def _forms(request: StaffRequest, reached: Reached, bound: dict[str, Any]) -> dict[str, forms.Form]:
    prefs = reached.ways
    hours = HoursForm.initial_of(prefs.language, prefs.zone, prefs.quiet, prefs.digest)
    away = (
        {"first": prefs.away.first, "last": prefs.away.last, "stand_in": str(prefs.away.stand_in)} if prefs.away else {}
    )
    return {
        "mail": MailForm(bound.get("mail"), initial={"email": prefs.address}, prefix="mail"),
        "add": AddForm(bound.get("add"), prefix="add"),
        "remove": WayForm(bound.get("remove")),
        "test": WayForm(bound.get("test")),
        "hours": HoursForm(bound.get("hours"), initial=hours, prefix="hours"),
        "away": AwayForm(
            bound.get("away"), initial=away, prefix="away", colleagues=reminders.colleagues(request.staff)
        ),
        "back": forms.Form(bound.get("back")),
        "level": LevelForm(bound.get("level"), initial={"level": prefs.level}, prefix="level"),
    }  # fmt: skip


def _act(request: StaffRequest, reached: Reached, act: str, form: forms.Form) -> Callable[[], None]:
    """Return the service call for the posted act."""
    ids = request.staff.org_id, request.staff.member_id
    cleaned = form.cleaned_data
    if act in {"remove", "test"}:
        _is_as_shown(reached, cleaned["number"], cleaned["shown"])
    calls: dict[str, Callable[[], None]] = {
        "mail": lambda: preferences.set_mail(*ids, email=cleaned["email"]),
        "add": lambda: preferences.add_gateway(*ids, address=cleaned["address"].strip()),
        "remove": lambda: preferences.remove(*ids, number=cleaned["number"]),
        "test": lambda: preferences.test(*ids, number=cleaned["number"]),
        "hours": lambda: preferences.set_hours(*ids, **form.told()) if isinstance(form, HoursForm) else None,
        "away": lambda: preferences.go_away(*ids, **form.told()) if isinstance(form, AwayForm) else None,
        "back": lambda: preferences.come_back(*ids),
        "level": lambda: recipients.set_level(ids[0], cleaned["level"]),
    }
    return calls[act]


def _is_as_shown(reached: Reached, number: int, shown: str) -> None:
    """Raise NotFound unless the numbered address is the one that the page showed.

    Another tab may have removed an address, which shifts the numbers.
    """
    addresses = reached.ways.all
    if not number < len(addresses) or reminders.shown_of(addresses[number]) != shown:
        raise NotFound("address")


@staff_view(["GET", "POST"])
def log(request: StaffRequest) -> HttpResponse:
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
        return see_other(reverse("reminders:log"), "try-again")
    return render(request, "account/delivery_log.html", {"page": reminders.log_page(request.staff)})
