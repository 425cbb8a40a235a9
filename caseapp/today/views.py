"""View of Today: overdue deadlines, hearings, what is due."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office as office_recovery
from caseapp.casefile import key_upkeep, reminder_reconciliation
from caseapp.casefile.reminder_reconciliation import Reconciled
from caseapp.clients.services import opt_outs
from caseapp.deadlines.panels import consistency
from caseapp.deadlines.services import consistency_check, recompute
from caseapp.deadlines.services.consistency_check import Watch
from caseapp.deadlines.services.recompute import Bound
from caseapp.index import reader
from caseapp.reminders.monitoring import status
from caseapp.reminders.sending import delivery_log
from caseapp.today import pages
from caseapp.ui.requests.page_upkeep import Upkeep
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office

LOOK = Bound(seconds=0.3, cases=200)  # for the consistency check during one request
NOT_LOOKED = Watch((), 0, 0)
NOT_RECONCILED = Reconciled(0, 0, is_done=False)
SHOWN = 5  # findings on this page; the rest are on a page of their own


@staff_stream(methods=["GET"])
def today(request: StaffRequest) -> HttpResponse:
    """Show the first page of the day. `?who=team` shows the deadlines of the whole team.

    Opening it also runs upkeep: it recomputes deadlines after a change of the law and checks cases for consistency, a
    bounded number of cases each request, each in a transaction of its own. What is due is shown even if upkeep fails.
    """
    staff, upkeep = request.staff, Upkeep("Today")
    was_reminded = upkeep.do(
        "marking what was seen", lambda: _saw(staff), False
    )  # in a transaction that touches no case
    upkeep.do("new keys", lambda: key_upkeep.step(staff), None)
    upkeep.do("computing again", lambda: recompute.step(staff), None)
    upkeep.do("renewing rows", lambda: reminder_reconciliation.renew_rows(staff), None)
    upkeep.do("stops", lambda: opt_outs.apply(staff), None)
    findings = upkeep.do("the check", lambda: consistency_check.look(staff, LOOK), NOT_LOOKED)
    reconciled = upkeep.do("looking for reminders", lambda: _reconciled(staff), NOT_RECONCILED)
    with office(staff.org_id):
        index = reader.view(staff.keys, zone=staff.zone)
        page = pages.today_page(staff, index, team=request.GET.get("who") == "team")
        check = consistency.check_page(findings, index, limit=SHOWN)
        context = {"page": page, "check": check, "changes": index.proposed(0)[1], "has_failed": upkeep.failed}
        if permissions.may(staff, "set_up_recovery"):
            context["recovery_needs_care"] = office_recovery.state(staff.keys).needs_care
        context["is_routine"] = was_reminded and page.is_empty
        context["is_silent"] = status.is_silent(staff.org_id)
        response = render(request, "today/today.html", context)
    upkeep.do("planning on", lambda: reminder_reconciliation.go_on(staff, reconciled.ending), None)
    return response


def _reconciled(staff: Staff) -> Reconciled:
    with office(staff.org_id):
        reconciled = reminder_reconciliation.reconcile(staff.keys)
        if reconciled.cases:
            audit_trail.note_here(staff.keys, "job", reason="reminders", count=reconciled.cases)
    return reconciled


def _saw(staff: Staff) -> bool:
    with office(staff.org_id):
        return delivery_log.saw(staff.org_id, staff.member_id)
