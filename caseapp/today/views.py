"""Today: what is late, who goes where, what is due."""

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

LOOK = Bound(seconds=0.3, cases=200)  # of the watch, beside the rest of the page
NOT_LOOKED = Watch((), 0, 0)
NOT_RECONCILED = Reconciled(0, 0, is_done=False)
SHOWN = 5  # findings on this page; all of them stand on their own


@staff_stream(methods=["GET"])
def today(request: StaffRequest) -> HttpResponse:
    """The first page of the day. `?who=team` shows everybody's deadlines.

    Whoever opens it first also computes again what the law changed, and looks through the cases, a bounded number a
    request and each in a transaction of its own. Whatever of that fails, what is due is shown.
    """
    staff, beside = request.staff, Upkeep("Today")
    was_told = beside.do("marking what was seen", lambda: _saw(staff), False)  # apart from whatever touches a case
    beside.do("new keys", lambda: key_upkeep.step(staff), None)
    beside.do("computing again", lambda: recompute.step(staff), None)
    beside.do("renewing rows", lambda: reminder_reconciliation.renew_rows(staff), None)
    beside.do("stops", lambda: opt_outs.apply(staff), None)
    found = beside.do("the check", lambda: consistency_check.look(staff, LOOK), NOT_LOOKED)
    again = beside.do("looking for reminders", lambda: _reconciled(staff), NOT_RECONCILED)
    with office(staff.org_id):
        index = reader.view(staff.keys, zone=staff.zone)
        page = pages.today_page(staff, index, team=request.GET.get("who") == "team")
        check = consistency.check_page(found, index, limit=SHOWN)
        context = {"page": page, "check": check, "changes": index.proposed(0)[1], "has_failed": beside.failed}
        if permissions.may(staff, "set_up_recovery"):
            context["recovery_needs_care"] = office_recovery.state(staff.keys).needs_care
        context["is_routine"] = was_told and page.is_empty
        context["is_silent"] = status.is_silent(staff.org_id)
        answer = render(request, "today/today.html", context)
    beside.do("planning on", lambda: reminder_reconciliation.go_on(staff, again.ending), None)
    return answer


def _reconciled(staff: Staff) -> Reconciled:
    with office(staff.org_id):
        again = reminder_reconciliation.reconcile(staff.keys)
        if again.cases:
            audit_trail.note_here(staff.keys, "job", reason="reminders", count=again.cases)
    return again


def _saw(staff: Staff) -> bool:
    with office(staff.org_id):
        return delivery_log.saw(staff.org_id, staff.member_id)
