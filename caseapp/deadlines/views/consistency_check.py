"""The page of the consistency check with all its findings."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.deadlines.panels import consistency
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.deadlines.views.recompute import EXTENDED_BOUND
from caseapp.index import reader
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def review_findings(request: StaffRequest) -> HttpResponse:
    """Show the findings of today that this process knows. POST continues with the cases that are left."""
    if request.method == "POST":
        consistency_check.check_open_cases(request.staff, EXTENDED_BOUND)
        return see_other(reverse("deadlines:check"))
    with office_transaction(request.staff.org_id):
        index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
        report = consistency_check.read_findings(request.staff, index, consistency_check.COMPARED)
        page = consistency.consistency_page(report, index, limit=consistency_check.COMPARED)
        return render(request, "deadlines/consistency_check.html", {"page": page})
