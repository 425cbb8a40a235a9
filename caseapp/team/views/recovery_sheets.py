"""Pages of the office's recovery: its state, a new set of sheets, a drill, and each holder's own sheet."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office, own_sheet
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import NotFound
from caseapp.team import recovery_pages
from caseapp.team.forms.recovery_sheets import RecoveryTestForm, SheetCheckForm, SheetForm, SheetSetForm
from caseapp.ui.forms.form_saving import render_form, try_action
from caseapp.ui.requests.redirects import json_attachment, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

PENDING_SET_ACTS: dict[str, Callable[[Staff], None]] = {"confirm": office.confirm_set, "drop": office.discard_set}
SHEET_ACTS = ("show", "check", "asked")


@staff_view(methods=["GET", "POST"])
def manage_recovery(request: StaffRequest) -> HttpResponse:
    """Show the state of the recovery and change it; no sheet is ever shown here.

    `act=make` deals a new set to its holders; `act=test` checks the code of a drill; `act=confirm` and `act=drop`
    decide on a set that waits.
    """
    staff = request.staff
    act = request.POST.get("act") if request.method == "POST" else None
    active = members.read_directory(staff.keys, accepts_older=True).active_people
    set_form = SheetSetForm(request.POST if act == "make" else None, active=active)
    test_form = RecoveryTestForm(request.POST if act == "test" else None)
    form: Form = test_form if act == "test" else set_form
    if act == "make":
        reauthentication.require(staff)
        if set_form.is_valid() and _make_set(staff, set_form):
            return see_other(reverse("team:recovery_sheet" if len(active) == 1 else "team:recovery"), "sheets-made")
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
    context = {
        "page": recovery_pages.recovery_page(staff),
        "made": set_form,
        "tested": test_form,
        "is_locked_down": staff.locked_down and act != "make",
    }
    return render_form(request, "team/recovery_sheets.html", form, context)


def _make_set(staff: Staff, form: SheetSetForm) -> bool:
    needed, _total = form.chosen_scheme()
    return try_action(form, lambda: office.create_set(staff, needed, form.chosen_holders())) is not None


@staff_view(methods=["GET"])
def download_test_file(request: StaffRequest) -> HttpResponse:
    """Return the file for a drill with the holders' shares. Its content is fully sealed."""
    reauthentication.require(request.staff)
    return json_attachment(office.build_test_file(request.staff), "recovery-test")


@staff_view(methods=["GET", "POST"])
def keep_sheet(request: StaffRequest) -> HttpResponse:
    """Show what a member's own sheets ask for.

    `act=show` answers with the words of one sheet; `act=check` compares words typed from the paper; `act=asked` notes
    that a person outside still has their envelope.
    """
    staff = request.staff
    act = request.POST.get("act") if request.method == "POST" else None
    if act is not None and act not in SHEET_ACTS:
        raise NotFound("no such act")
    form: Form = Form()
    if act == "check":
        form = SheetCheckForm(request.POST, auto_id=_auto_id(request.POST.get("sheet", "")))
        if form.is_valid() and try_action(
            form, lambda: own_sheet.check_sheet(staff, form.cleaned_data["sheet"], form.cleaned_data["words"])
        ):
            return see_other(reverse("team:recovery_sheet"), "sheet-checked")
    elif act is not None:
        form = SheetForm(request.POST)
        if not form.is_valid():
            raise NotFound("no sheet")
        if act == "show":
            return _show_sheet(request, form)
        own_sheet.record_asking(staff, form.cleaned_data["sheet"])
        return see_other(reverse("team:recovery_sheet"), "saved")
    elif request.method == "POST":
        raise NotFound("no such act")
    return _render_own_sheets(request, form)


def _show_sheet(request: StaffRequest, form: Form) -> HttpResponse:
    reauthentication.require(request.staff)
    shown = try_action(form, lambda: own_sheet.show_sheet(request.staff, form.cleaned_data["sheet"]))
    if not shown:
        return _render_own_sheets(request, form)
    status, words = shown.value
    context: dict[str, Any] = {
        "page": recovery_pages.words_page(request.staff, status.sheet.id),
        "words": words,
        "office_words": office.office_words(request.staff.keys),
    }
    return render(request, "team/recovery_sheet_words.html", context)


def _render_own_sheets(request: StaffRequest, form: Form) -> HttpResponse:
    sets = recovery_pages.own_sheets_pages(request.staff)
    context = {
        "sets": [{"page": page, "rows": [(line, _form_of(line.id, form)) for line in page.sheets]} for page in sets],
        "is_fresh": reauthentication.is_fresh(request.staff),
    }
    return render_form(request, "team/recovery_sheet.html", form, context)


def _form_of(sheet: UUID, form: Form) -> SheetCheckForm:
    """Return the form of a sheet: the one that was sent for it, with what was typed, or an empty one."""
    if isinstance(form, SheetCheckForm) and str(form["sheet"].value()) == str(sheet):
        return form
    return SheetCheckForm(initial={"sheet": sheet}, auto_id=_auto_id(str(sheet)))


def _auto_id(sheet: str) -> str:
    """Return the pattern of field ids of one sheet's form: several can be on the page."""
    try:
        return f"sheet-{UUID(sheet).hex[:8]}-%s"
    except ValueError:
        return "sheet-%s"
