"""Views of the calendar."""

from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from caseapp.calendar import pages
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.ui.display import list_notice
from caseapp.ui.forms.typed_dates import EARLIEST_YEAR, LATEST_YEAR
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET"])
def redirect_to_today(request: StaffRequest) -> HttpResponse:
    """Redirect to the four weeks that begin today."""
    return HttpResponseRedirect(pages.agenda_path(clock.today(request.staff.zone)))


@staff_view(methods=["GET"])
def show_agenda(request: StaffRequest, first: str) -> HttpResponse:
    """Show the four weeks that begin at a day. Raises NotFound for a day that is not valid."""
    try:
        day = date.fromisoformat(first)
    except ValueError as exc:
        raise NotFound("no such day") from exc
    if not EARLIEST_YEAR < day.year < LATEST_YEAR:
        raise NotFound("no such year")
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    return render(
        request,
        "calendar/agenda.html",
        {"page": pages.agenda_page(request.staff, index, day), "list_notice": list_notice.notice_of(index)},
    )
