"""Today: what is late, who goes where, what is due."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.index import reader
from caseapp.reminders import watchdog
from caseapp.web.staff import StaffRequest, staff_view
from caseapp.web.today import pages


@staff_view(methods=["GET"])
def today(request: StaffRequest) -> HttpResponse:
    """The first page of the day. `?who=team` shows everybody's deadlines."""
    staff = request.staff
    index = reader.view(staff.keys, zone=staff.zone)
    page = pages.today_page(staff, index, team=request.GET.get("who") == "team")
    warned = not watchdog.status().is_healthy
    return render(request, "today/today.html", {"page": page, "is_silent": warned})
