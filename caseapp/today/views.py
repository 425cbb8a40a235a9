"""View of Today: overdue deadlines, hearings, what is due."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office as office_recovery
from caseapp.casefile.upkeep import key_upkeep, reminder_reconciliation
from caseapp.casefile.upkeep.reminder_reconciliation import ReconcileResult
from caseapp.clients.services import opt_outs
from caseapp.deadlines.panels import consistency
from caseapp.deadlines.services import consistency_check, recompute
from caseapp.deadlines.services.consistency_check import ConsistencyReport
from caseapp.deadlines.services.recompute import Bound
from caseapp.index import reader
from caseapp.reminders.monitoring import status
from caseapp.reminders.sending import delivery_log
from caseapp.today import pages
from caseapp.ui.requests.page_upkeep import Upkeep
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction

CHECK_BUDGET = Bound(seconds=0.3, cases=200)  # for the consistency check during one request
NOTHING_CHECKED = ConsistencyReport((), 0, 0)
NOTHING_RECONCILED = ReconcileResult(0, 0, is_done=False)
FINDINGS_SHOWN = 5  # findings on this page; the rest are on a page of their own


@staff_stream(methods=["GET"])
def show_today(request: StaffRequest) -> HttpResponse:
    """Show the first page of the day. `?who=team` shows the deadlines of the whole team.

    Opening it also runs upkeep: it recomputes deadlines after a change of the law and checks cases for consistency, a
    bounded number of cases each request, each in a transaction of its own. What is due is shown even if upkeep fails.
    """
    staff, upkeep = request.staff, Upkeep("Today")
    was_reminded = upkeep.run_job(
        "marking what was seen", lambda: _mark_reminders_seen(staff), False
    )  # in a transaction that touches no case
    upkeep.run_job("new keys", lambda: key_upkeep.renew_case_keys(staff), None)
    upkeep.run_job("computing again", lambda: recompute.recompute_due_cases(staff), None)
    upkeep.run_job("renewing rows", lambda: reminder_reconciliation.renew_rows(staff), None)
    upkeep.run_job("stops", lambda: opt_outs.apply(staff), None)
    findings = upkeep.run_job(
        "the check", lambda: consistency_check.check_open_cases(staff, CHECK_BUDGET), NOTHING_CHECKED
    )
    reconciled = upkeep.run_job("looking for reminders", lambda: _reconcile_reminders(staff), NOTHING_RECONCILED)
    with office_transaction(staff.org_id):
        index = reader.open_view(staff.keys, zone=staff.zone)
        page = pages.today_page(staff, index, team=request.GET.get("who") == "team")
        check = consistency.consistency_page(findings, index, limit=FINDINGS_SHOWN)
        context = {
            "page": page,
            "check": check,
            "changes": index.cases_with_proposals(0)[1],
            "has_failed": upkeep.failed,
        }
        if permissions.is_permitted(staff, "set_up_recovery"):
            context["recovery_needs_care"] = office_recovery.read_state(staff.keys).needs_attention
        context["is_routine"] = was_reminded and page.is_empty
        context["is_silent"] = status.is_unreliable(staff.org_id)
        response = render(request, "today/today.html", context)
    upkeep.run_job(
        "planning on", lambda: reminder_reconciliation.extend_ending_reminders(staff, reconciled.ending), None
    )
    return response


def _reconcile_reminders(staff: Staff) -> ReconcileResult:
    with office_transaction(staff.org_id):
        reconciled = reminder_reconciliation.reconcile(staff.keys)
        if reconciled.cases:
            audit_trail.record_entry_in_transaction(staff.keys, "job", reason="reminders", count=reconciled.cases)
    return reconciled


def _mark_reminders_seen(staff: Staff) -> bool:
    with office_transaction(staff.org_id):
        return delivery_log.mark_seen(staff.org_id, staff.member_id)
