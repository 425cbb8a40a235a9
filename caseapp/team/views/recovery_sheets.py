"""The office's recovery: how it stands, a new set, a test opening."""

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
    """How it stands; a new set (`act=make`), whose sheets are shown once; the code of a test (`act=test`)."""
    staff = request.staff
    act = request.POST.get("act") if request.method == "POST" else None
    made = SetForm(request.POST if act == "make" else None)
    tested = TestedForm(request.POST if act == "test" else None)
    form: Form = tested if act == "test" else made
    if act == "make":
        reauthentication.require(staff)
        if made.is_valid():
            needed, holders = made.chosen()
            done = attempt(made, lambda: office.make(staff, needed, holders))
            if done:
                return _sheets(request, done.value, needed)
    elif act == "test":
        if tested.is_valid() and attempt(tested, lambda: office.confirm_test(staff, tested.cleaned_data["code"])):
            return see_other(reverse("recovery:office"), "recovery-tested")
    elif act in WAITING:
        reauthentication.require(staff)
        form = Form(request.POST)
        if form.is_valid() and attempt(form, lambda: WAITING[act](staff)):
            return see_other(reverse("recovery:office"), "saved")
    elif request.method == "POST":
        raise NotFound("no such act")
    context = {**_stands(staff), "made": made, "tested": tested}
    return shown(request, "team/recovery_sheets.html", form, context)


def _stands(staff: Staff) -> dict[str, Any]:
    """How it stands, and the set that waits for another admin."""
    state = office.state(staff.keys)
    waiting = state.next_set
    if waiting is None:
        return {"state": state}
    return {
        "state": state, "is_mine": waiting.by == staff.member_id,
        "set_words": office.set_words(staff.keys, waiting.public),
    }  # fmt: skip


def _sheets(request: StaffRequest, shares: tuple[str, ...], needed: int) -> HttpResponse:
    """A sheet a holder. Nobody can show them again: they are nowhere but here."""
    sheets = [{"number": number, "words": text.split()} for number, text in enumerate(shares, 1)]
    context = {
        "sheets": sheets, "needed": needed, "holders": len(shares),
        "office_words": office.office_words(request.staff.keys),
        "set_words": _stands(request.staff).get("set_words"),
    }  # fmt: skip
    return render(request, "team/recovery_sheets_print.html", context)


@staff_view(methods=["GET"])
def test_file(request: StaffRequest) -> HttpResponse:
    """The file that the holders' shares are tried on. All of it is sealed."""
    reauthentication.require(request.staff)
    return as_file(office.test_file(request.staff), "recovery-test")
