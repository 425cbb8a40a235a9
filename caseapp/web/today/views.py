"""Today: what is late, who goes where, what is due."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts import office_recovery, permissions, trail
from caseapp.accounts.keys import Staff
from caseapp.casework import lawchange, reconciling, rekeying, stops, watch
from caseapp.casework.lawchange import Bound
from caseapp.casework.reconciling import Reconciled
from caseapp.casework.watch import Watch
from caseapp.index import reader
from caseapp.reminders import sent, watchdog
from caseapp.vault.tenancy import office
from caseapp.web.rules import findings
from caseapp.web.staff import StaffRequest, staff_stream
from caseapp.web.today import pages
from caseapp.web.upkeep import Upkeep

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
    beside.do("new keys", lambda: rekeying.step(staff), None)
    beside.do("computing again", lambda: lawchange.step(staff), None)
    beside.do("renewing rows", lambda: reconciling.renew_rows(staff), None)
    beside.do("stops", lambda: stops.apply(staff), None)
    found = beside.do("the check", lambda: watch.look(staff, LOOK), NOT_LOOKED)
    again = beside.do("looking for reminders", lambda: _reconciled(staff), NOT_RECONCILED)
    with office(staff.org_id):
        index = reader.view(staff.keys, zone=staff.zone)
        page = pages.today_page(staff, index, team=request.GET.get("who") == "team")
        check = findings.check_page(found, index, limit=SHOWN)
        context = {"page": page, "check": check, "changes": index.proposed(0)[1], "has_failed": beside.failed}
        if permissions.may(staff, "set_up_recovery"):
            context["recovery_needs_care"] = office_recovery.state(staff.keys).needs_care
        context["is_routine"] = was_told and page.is_empty
        context["is_silent"] = watchdog.is_silent(staff.org_id)
        answer = render(request, "today/today.html", context)
    beside.do("planning on", lambda: reconciling.go_on(staff, again.ending), None)
    return answer


def _reconciled(staff: Staff) -> Reconciled:
    with office(staff.org_id):
        again = reconciling.reconcile(staff.keys)
        if again.cases:
            trail.note_here(staff.keys, "job", reason="reminders", count=again.cases)
    return again


def _saw(staff: Staff) -> bool:
    with office(staff.org_id):
        return sent.saw(staff.org_id, staff.member_id)
