"""Pages of the office's recovery: its state, a new set of sheets, a test."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import NotFound
from caseapp.team.forms.recovery_sheets import SetForm, TestedForm
from caseapp.ui.forms.form_saving import attempt, shown
from caseapp.ui.requests.downloads import as_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WAITING = {"confirm": office.confirm_set, "drop": office.drop_set}


@staff_view(methods=["GET", "POST"])
def recovery(request: StaffRequest) -> HttpResponse:
    """Show the state of the recovery and change it.

    `act=make` creates a new set and shows its sheets once; `act=test` checks the code of a test; `act=confirm` and
    `act=drop` decide on a set that waits for a second admin.
    """
    staff = request.staff
    act = request.POST.get("act") if request.method == "POST" else None
    set_form = SetForm(request.POST if act == "make" else None)
    test_form = TestedForm(request.POST if act == "test" else None)
    form: Form = test_form if act == "test" else set_form
    if act == "make":
        reauthentication.require(staff)
        if set_form.is_valid():
            needed, holders = set_form.chosen()
            done = attempt(set_form, lambda: office.make(staff, needed, holders))
            if done:
                return _sheets(request, done.value, needed)
    elif act == "test":
        if test_form.is_valid() and attempt(
            test_form, lambda: office.confirm_test(staff, test_form.cleaned_data["code"])
        ):
            return see_other(reverse("recovery:office"), "recovery-tested")
    elif act in WAITING:
        reauthentication.require(staff)
        form = Form(request.POST)
        if form.is_valid() and attempt(form, lambda: WAITING[act](staff)):
            return see_other(reverse("recovery:office"), "saved")
    elif request.method == "POST":
        raise NotFound("no such act")
    context = {**_stands(staff), "made": set_form, "tested": test_form}
    return shown(request, "team/recovery_sheets.html", form, context)


def _stands(staff: Staff) -> dict[str, Any]:
    """Return the state of the recovery, and the set that waits for another admin if there is one."""
    state = office.state(staff.keys)
    waiting = state.next_set
    if waiting is None:
        return {"state": state}
    return {
        "state": state, "is_mine": waiting.by == staff.member_id,
        "set_words": office.set_words(staff.keys, waiting.public),
    }  # fmt: skip


def _sheets(request: StaffRequest, shares: tuple[str, ...], needed: int) -> HttpResponse:
    """Render one sheet for each holder. The sheets are not stored and cannot be shown again."""
    sheets = [{"number": number, "words": text.split()} for number, text in enumerate(shares, 1)]
    context = {
        "sheets": sheets, "needed": needed, "holders": len(shares),
        "office_words": office.office_words(request.staff.keys),
        "set_words": _stands(request.staff).get("set_words"),
    }  # fmt: skip
    return render(request, "team/recovery_sheets_print.html", context)


@staff_view(methods=["GET"])
def test_file(request: StaffRequest) -> HttpResponse:
    """Return the file for a test with the holders' shares. Its content is fully sealed."""
    reauthentication.require(request.staff)
    return as_file(office.test_file(request.staff), "recovery-test")
