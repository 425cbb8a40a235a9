"""Reminders: how one is reached, and what went out."""

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

# What people do here, and the code of the sentence that says it was done.
ACTS = {
    "mail": "saved", "add": "address-added", "remove": "saved", "test": "test-sent", "hours": "saved", "away": "saved",
    "back": "saved", "level": "saved",
}  # fmt: skip


@staff_view(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """Addresses, hours, absence; for an admin the office's level and who can be reached."""
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
    ways = reached.ways
    hours = HoursForm.initial_of(ways.language, ways.zone, ways.quiet, ways.digest)
    away = {"first": ways.away.first, "last": ways.away.last, "stand_in": str(ways.away.stand_in)} if ways.away else {}
    return {
        "mail": MailForm(bound.get("mail"), initial={"email": ways.address}, prefix="mail"),
        "add": AddForm(bound.get("add"), prefix="add"),
        "remove": WayForm(bound.get("remove")),
        "test": WayForm(bound.get("test")),
        "hours": HoursForm(bound.get("hours"), initial=hours, prefix="hours"),
        "away": AwayForm(
            bound.get("away"), initial=away, prefix="away", colleagues=reminders.colleagues(request.staff)
        ),
        "back": forms.Form(bound.get("back")),
        "level": LevelForm(bound.get("level"), initial={"level": ways.level}, prefix="level"),
    }  # fmt: skip


def _act(request: StaffRequest, reached: Reached, act: str, form: forms.Form) -> Callable[[], None]:
    """The one call of each act."""
    who = request.staff.org_id, request.staff.member_id
    told = form.cleaned_data
    if act in {"remove", "test"}:
        _is_as_shown(reached, told["number"], told["shown"])
    calls: dict[str, Callable[[], None]] = {
        "mail": lambda: preferences.set_mail(*who, email=told["email"]),
        "add": lambda: preferences.add_gateway(*who, address=told["address"].strip()),
        "remove": lambda: preferences.remove(*who, number=told["number"]),
        "test": lambda: preferences.test(*who, number=told["number"]),
        "hours": lambda: preferences.set_hours(*who, **form.told()) if isinstance(form, HoursForm) else None,
        "away": lambda: preferences.go_away(*who, **form.told()) if isinstance(form, AwayForm) else None,
        "back": lambda: preferences.come_back(*who),
        "level": lambda: recipients.set_level(who[0], told["level"]),
    }
    return calls[act]


def _is_as_shown(reached: Reached, number: int, shown: str) -> None:
    """Another tab may have taken an address out: then this number is another one. Raises NotFound."""
    ways = reached.ways.all
    if not number < len(ways) or reminders.shown_of(ways[number]) != shown:
        raise NotFound("address")


@staff_view(["GET", "POST"])
def log(request: StaffRequest) -> HttpResponse:
    """What went when by which channel in which state, never what about. POST: try a stuck message again."""
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
