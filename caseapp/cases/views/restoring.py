"""Views of cases that are not in their newest known state: the decision about one, and those never compared."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts.signin import reauthentication
from caseapp.casefile import restoration
from caseapp.cases.forms.restoring import DecisionForm
from caseapp.cases.pages import doubt
from caseapp.index import reader
from caseapp.lib.errors import NotFound
from caseapp.ui.display import case_header
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

ACTS = {
    "restore": (restoration.restore_newer, "case-restored"),
    "accept": (restoration.accept_state, "case-accepted"),
}


@staff_view(methods=["GET", "POST"])
def restore_case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show what is known of a case in doubt; restore its newer state or accept the stored one, with a reason.

    A member who may not decide sees what is known, and who decides.
    """
    staff = request.staff
    file = open_case_file(request, case_id)
    may_decide = restoration.may_decide(staff, file)
    if request.method == "POST" and not may_decide:
        raise NotFound("not the lead of this case, and no supervisor")
    act = request.POST.get("act", "") if request.method == "POST" else "restore"
    if act not in ACTS:
        raise NotFound("no such act")
    if may_decide:
        reauthentication.require(staff)
    page = doubt.decision_page(staff, file)
    form = DecisionForm(posted_data(request))
    if form.is_valid():
        decide, sentence = ACTS[act]
        if try_action(form, lambda: decide(staff, case_id, reason=form.cleaned_data["reason"])):
            return see_other(case_path(case_id), sentence)
    context = {"head": case_header.case_head(file), "page": page, "may_decide": may_decide}
    return render_form(request, "cases/restore.html", form, context)


# Not in one transaction: each case is accepted in its own.
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def list_uncompared(request: StaffRequest) -> HttpResponse:
    """Show the cases that were not compared with a list; accept them, after passphrase and factor."""
    staff = request.staff
    if request.method == "POST":
        reauthentication.require(staff)
        restoration.accept_all_uncompared(staff)
        return see_other("/cases/not-compared/", "cases-accepted")
    with office_transaction(staff.org_id):
        lines = doubt.uncompared_lines(staff, reader.open_readable_view(staff.keys, zone=staff.zone))
    return render(request, "cases/uncompared.html", {"lines": lines})
