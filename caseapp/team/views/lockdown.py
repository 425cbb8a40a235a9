"""Lockdown page: one button, what it does, and how to end it."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from caseapp.accounts.members import lockdown
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import NotFound
from caseapp.ui.forms.form_saving import posted_data, render_form
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


class BeginLockdownForm(forms.Form):
    """Form with a tick box, so that a single click cannot start a lockdown."""

    sure = forms.BooleanField(
        label=gettext_lazy("Yes, sign out all members now, including me."),
        error_messages={"required": gettext_lazy("Tick the box to lock the office down.")},
    )


@staff_view(methods=["GET", "POST"])
def manage_lockdown(request: StaffRequest) -> HttpResponse:
    """Show the lockdown page. A POST with `act` begin or end starts or ends the lockdown."""
    staff = request.staff
    reauthentication.require(staff)
    is_on = lockdown.is_on(staff.org_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = BeginLockdownForm(posted_data(request) if act == "begin" else None)
    if act == "end":
        lockdown.end(staff)
        return see_other(reverse("team:lockdown"), "lockdown-ended")
    if act == "begin" and form.is_valid():
        lockdown.begin(staff)
        request.fresh_token = ""  # type: ignore[attr-defined]  # read by StaffOfRequest
        return see_other("/sign-in/")
    if request.method == "POST" and act != "begin":
        raise NotFound("no such act")
    return render_form(request, "team/lockdown.html", form, {"is_on": is_on, "office_id": staff.org_id})
