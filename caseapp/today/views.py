"""View of Today: overdue deadlines, hearings, what is due."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts.keys import permissions
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.recovery import own_sheet
from caseapp.casefile.upkeep import background
from caseapp.casefile.upkeep import run as upkeep
from caseapp.clients.services import replies
from caseapp.conflicts import panels as conflict_panels
from caseapp.deadlines.panels import consistency
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.index import reader
from caseapp.intake.panels import intake_line
from caseapp.moving.panels.export_lines import export_notice
from caseapp.reminders.monitoring import status, unfit_gateways
from caseapp.reminders.sending import reachability
from caseapp.today import backups, first_days, integrity, newcomers, pages, services
from caseapp.ui.display import list_notice
from caseapp.ui.display.colleagues import supervising_names_of
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

# What waits for the member who looks, apart from cases.
WAITING = (
    "newcomers",
    "conflict_checks",
    "recovery_needs_care",
    "has_no_supervisor",
    "sheet_task",
    "has_unfit_gateway",
    "is_unreachable",
)
FINDINGS_SHOWN = 3  # findings on this page; the rest are on a page of their own


@staff_stream(methods=["GET"])
def show_today(request: StaffRequest) -> HttpResponse:
    """Show the first page of the day. `?who=team` shows the deadlines of the whole team, `?sheet=day` unfolds all.

    Opening it also begins upkeep in the background. What is due is shown even if that never ran, or failed.
    """
    staff = request.staff
    was_reminded = services.mark_reminders_seen(staff)
    background.begin_visit(request.COOKIES.get(settings.SESSION_COOKIE, ""), staff)
    with office_transaction(staff.org_id), staff.keys.reading_once():
        index = reader.open_readable_view(staff.keys, zone=staff.zone)
        asked, changes = request.GET, index.cases_with_proposals(0)[1]
        page = pages.today_page(staff, index, team=asked.get("who") == "team", is_sheet=asked.get("sheet") == "day")
        findings = consistency_check.read_findings(staff, index, FINDINGS_SHOWN)
        check = consistency.consistency_page(findings, index, limit=FINDINGS_SHOWN)
        context = {
            "page": page,
            "check": check,
            "changes": changes,
            "has_failed": upkeep.has_failed(staff),
            "list_notice": list_notice.notice_of(index),
            "integrity": integrity.integrity_panel(staff, index),
            "waiting_messages": (waiting := replies.read_waiting(staff)),
            "intakes": intake_line(staff, index),
            "newcomers": newcomers.newcomer_lines(staff),
            "conflict_checks": conflict_panels.queue_line(staff),
            "first_days": (first := first_days.first_days_of(staff, index)),
            "backups": backups.backup_lines(staff, has_cases=index.has_cases),
        }
        if permissions.is_permitted(staff, "set_up_recovery") and not first.recovery:
            context["recovery_needs_care"] = office_recovery.read_state(staff.keys).needs_attention
        if permissions.is_permitted(staff, "change_role"):
            context["has_no_supervisor"] = not supervising_names_of(staff.keys)
        context["office_export"] = export_notice(staff)
        context["sheet_task"] = own_sheet.next_task(staff.keys)
        context["is_routine"] = was_reminded and page.is_empty and not waiting
        own = reachability.read_recipient(staff.org_id, staff.member_id)
        context["has_unfit_gateway"] = unfit_gateways.has_unfit_gateway(own)
        answer = reachability.answer_for(own.settings) if own is not None else reachability.NO_ADDRESS
        context["is_unreachable"] = answer in reachability.UNREACHABLE
        context["attention"] = len(check.lines) + check.more + changes
        context["waits_for_you"] = any(context.get(name) for name in WAITING)
        context["is_silent"] = status.is_unreliable(staff.org_id)
        return render(request, "today/today.html", context)


@staff_view(methods=["GET"])
def show_section(request: StaffRequest, section: str) -> HttpResponse:
    """Show one page of all rows of a list of Today, for example of the member's tasks: `?page=2`."""
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    page = pages.section_page(request.staff, index, section, request.GET)
    return render(request, "today/section.html", {"page": page, "list_notice": list_notice.notice_of(index)})
