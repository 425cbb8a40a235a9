"""Views of the end of a case: close, reopen, legal hold, destruction and certificates."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import reauthentication
from caseapp.casefile import case_access, open_case
from caseapp.cases.forms.closing import CloseForm, HoldForm, ReopenForm, ShredForm
from caseapp.cases.services import closing
from caseapp.cases.services.closing import Certificate
from caseapp.deadlines.services import what_if
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.ui.display import case_header, labels
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

DONE = {"close": "case-closed", "reopen": "case-reopened", "hold": "hold-set", "lift": "hold-lifted"}
SHRED_BACKUP_KEPT = dt.timedelta(days=14)  # the longest that a backup of the shred folder is kept: docs/operations.md


@staff_view(methods=["GET", "POST"])
def manage_closing(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Close or reopen a case, set or lift its legal hold: four small forms, chosen by `act`."""
    file = open_case_file(request, case_id)
    entry = file.get_only(Case)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    built_forms = _closing_forms(request, entry, act)
    context = _closing_context(request.staff, file, entry.record, built_forms)
    if request.method != "POST":
        return render_form(request, "cases/close.html", forms.Form(), context)
    if act not in DONE:
        raise NotFound("no such act")
    form = built_forms[act]
    if form.is_valid() and act == "close" and (left := context["left"].total):
        sentence = ngettext(
            "%(left)s date of this case is still open.", "%(left)s dates of this case are still open.", left
        )
        form.add_error(None, sentence % {"left": left})
    if form.is_valid() and try_action(form, _service_call(request.staff, case_id, act, form)):
        return see_other(reverse("cases:close", args=[case_id]), DONE[act])
    return render_form(request, "cases/close.html", form, context)


def _closing_forms(request: StaffRequest, entry: Entry[Case], act: str) -> dict[str, forms.Form]:
    posted = {act: posted_data(request)}
    version = {"version": entry.version}
    return {
        "close": CloseForm(posted.get("close"), initial=version, auto_id="close_%s"),
        "reopen": ReopenForm(
            posted.get("reopen"), initial=version, auto_id="reopen_%s", packs=what_if.packs_in_use(request.staff)
        ),
        "hold": HoldForm(posted.get("hold"), initial={"reason": entry.record.hold_reason}, auto_id="hold_%s"),
        "lift": forms.Form(posted.get("lift")),
    }


def _service_call(staff: Staff, case_id: UUID, act: str, form: forms.Form) -> Callable[[], object]:
    fields = form.cleaned_data

    def run_act() -> bool:
        if act == "close":
            closing.close_case(staff, case_id, **fields)
        elif act == "reopen":
            closing.reopen_case(staff, case_id, **fields)
        elif act == "hold":
            closing.set_hold(staff, case_id, reason=fields["reason"])
        else:
            closing.lift_hold(staff, case_id)
        return True

    return run_act


def _closing_context(staff: Staff, file: SealedFile, case: Case, built_forms: dict[str, forms.Form]) -> dict[str, Any]:
    names = names_of(colleagues_of(staff.keys, file))
    return {
        "page": case_header.case_head(file),
        "case": case,
        "how": labels.label_of(labels.CLOSE_CODES, case.close_code) if case.close_code else "",
        "held_by": names.get(case.held_by, "") if case.held_by else "",
        "left": closing.open_dates(file),
        "close_form": built_forms["close"],
        "reopen_form": built_forms["reopen"],
        "hold_form": built_forms["hold"],
        "may_shred": permissions.is_permitted(staff, "shred_case"),
    }


# Not in one transaction: the index is rewritten after the destruction of the case is committed.
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def shred_case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Destroy a closed case, after its reference and a reason were typed."""
    staff = request.staff
    with office_transaction(staff.org_id):
        is_read = request.method == "GET"
        file = open_case.open_and_record(staff, case_id) if is_read else case_access.open_case(staff.keys, case_id)
        head, refused = case_header.case_head(file), ""
        try:
            closing.refuse_unless_destroyable(staff, file)
        except Refused as exc:
            refused = translate_refusal(exc)
    reauthentication.require(staff)
    form = ShredForm(posted_data(request))
    if form.is_valid() and not refused:
        done = try_action(form, partial(closing.shred_case, staff, case_id, **form.cleaned_data))
        if done:
            return see_other(reverse("cases:certificate", args=[done.value]), "case-destroyed")
    elif form.is_valid():
        form.add_error(None, refused)
    context = {"page": head, "refused": refused, "may_close": permissions.is_permitted(staff, "close_case")}
    return render_form(request, "cases/shred.html", form, context)


@staff_view(methods=["GET"])
def list_certificates(request: StaffRequest) -> HttpResponse:
    """List the cases destroyed in this office."""
    return render(request, "cases/certificates.html", {"lines": closing.list_certificates(request.staff)})


@staff_view(methods=["GET"])
def show_certificate(request: StaffRequest, certificate_id: UUID) -> HttpResponse:
    """Show one certificate, to be printed."""
    shown_certificate = closing.get_certificate(request.staff, certificate_id)
    return render(request, "cases/certificate.html", _certificate_context(shown_certificate, request.staff))


def _certificate_context(shown_certificate: Certificate, staff: Staff) -> dict[str, Any]:
    return {
        "found": shown_certificate,
        "told": shown_certificate.record,
        "office_name": staff.office_name,
        "how": labels.label_of(labels.CLOSE_CODES, shown_certificate.record.close_code)
        if shown_certificate.record.close_code
        else "",
        "backup_until": shown_certificate.record.on + SHRED_BACKUP_KEPT,
    }
