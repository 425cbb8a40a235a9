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
from caseapp.team.forms.recovery_sheets import RecoveryTestForm, SheetSetForm
from caseapp.ui.forms.form_saving import render_form, try_action
from caseapp.ui.requests.downloads import json_attachment
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

PENDING_SET_ACTS = {"confirm": office.confirm_set, "drop": office.discard_set}


@staff_view(methods=["GET", "POST"])
def manage_recovery(request: StaffRequest) -> HttpResponse:
    """Show the state of the recovery and change it.

    `act=make` creates a new set and shows its sheets once; `act=test` checks the code of a test; `act=confirm` and
    `act=drop` decide on a set that waits for a second admin.
    """
    staff = request.staff
    act = request.POST.get("act") if request.method == "POST" else None
    set_form = SheetSetForm(request.POST if act == "make" else None)
    test_form = RecoveryTestForm(request.POST if act == "test" else None)
    form: Form = test_form if act == "test" else set_form
    if act == "make":
        reauthentication.require(staff)
        if set_form.is_valid():
            needed, holders = set_form.chosen_scheme()
            done = try_action(set_form, lambda: office.create_set(staff, needed, holders))
            if done:
                return _render_sheets(request, done.value, needed)
    elif act == "test":
        if test_form.is_valid() and try_action(
            test_form, lambda: office.confirm_test(staff, test_form.cleaned_data["code"])
        ):
            return see_other(reverse("team:recovery"), "recovery-tested")
    elif act in PENDING_SET_ACTS:
        reauthentication.require(staff)
        form = Form(request.POST)
        if form.is_valid() and try_action(form, lambda: PENDING_SET_ACTS[act](staff)):
            return see_other(reverse("team:recovery"), "saved")
    elif request.method == "POST":
        raise NotFound("no such act")
    context = {**_recovery_context(staff), "made": set_form, "tested": test_form}
    return render_form(request, "team/recovery_sheets.html", form, context)


def _recovery_context(staff: Staff) -> dict[str, Any]:
    """Return the state of the recovery, and the set that waits for another admin if there is one."""
    state = office.read_state(staff.keys)
    waiting = state.next_set
    if waiting is None:
        return {"state": state}
    return {
        "state": state,
        "is_mine": waiting.by == staff.member_id,
        "set_words": office.set_words(staff.keys, waiting.public),
    }


def _render_sheets(request: StaffRequest, shares: tuple[str, ...], needed: int) -> HttpResponse:
    """Render one sheet for each holder. The sheets are not stored and cannot be shown again."""
    sheets = [{"number": number, "words": text.split()} for number, text in enumerate(shares, 1)]
    context = {
        "sheets": sheets,
        "needed": needed,
        "holders": len(shares),
        "office_words": office.office_words(request.staff.keys),
        "set_words": _recovery_context(request.staff).get("set_words"),
    }
    return render(request, "team/recovery_sheets_print.html", context)


@staff_view(methods=["GET"])
def download_test_file(request: StaffRequest) -> HttpResponse:
    """Return the file for a test with the holders' shares. Its content is fully sealed."""
    reauthentication.require(request.staff)
    return json_attachment(office.build_test_file(request.staff), "recovery-test")
