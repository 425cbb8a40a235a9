"""Views of the calendar."""

from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from caseapp.calendar import pages
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text.digits import read_page_number
from caseapp.ui.display import list_notice
from caseapp.ui.forms import date_reading
from caseapp.ui.forms.date_fields import PART_LIMIT, date_parts_of, echo_date
from caseapp.ui.forms.typed_dates import EARLIEST_YEAR, LATEST_YEAR
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view


@staff_view(methods=["GET"])
def redirect_to_today(request: StaffRequest) -> HttpResponse:
    """Redirect to the four weeks that begin today."""
    return HttpResponseRedirect(pages.agenda_path(clock.today(request.staff.zone)))


@staff_view(methods=["GET"])
def show_agenda(request: StaffRequest, first: str) -> HttpResponse:
    """Show the days that begin at a day, `?row=36` its later entries. Raises NotFound for a day that is not valid."""
    try:
        day = date.fromisoformat(first)
    except ValueError as exc:
        raise NotFound("no such day") from exc
    if not EARLIEST_YEAR < day.year < LATEST_YEAR:
        raise NotFound("no such year")
    row = read_page_number(request.GET.get("row", ""))
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    return render(
        request,
        "calendar/agenda.html",
        {"page": pages.agenda_page(request.staff, index, day, row), "list_notice": list_notice.notice_of(index)},
    )


@staff_stream(["POST"])
def echo_typed_date(request: StaffRequest) -> HttpResponse:
    """Answer with the date that the posted parts of a date field mean, or with what is wrong, as a piece of HTML.

    It reads no case and stores nothing.
    """
    posted = {name: request.POST.get(name, "")[:PART_LIMIT] for name in ("name", "id", "kind", "what", "saved")}
    echo = echo_date(
        posted["name"],
        posted["id"],
        date_parts_of(request.POST, posted["name"]),
        kind=posted["kind"] if posted["kind"] in date_reading.KINDS else "",
        what=posted["what"],
        saved=_stored_date(posted["saved"]),
    )
    return render(request, "components/date-echo.html", {"echo": echo})


def _stored_date(text: str) -> PartialDate | None:
    try:
        return PartialDate.of_text(text)
    except (TypeError, ValueError):
        return None
