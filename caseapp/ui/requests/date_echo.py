"""The echo of a date field while it is filled in. It reads no case and stores nothing."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.lib.partial_dates import PartialDate
from caseapp.ui.forms import date_reading
from caseapp.ui.forms.date_fields import PART_LIMIT, date_parts_of, echo_date
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream


@staff_stream(["POST"])
def echo_typed_date(request: StaffRequest) -> HttpResponse:
    """Answer with the date that the posted parts mean, or with what is wrong with them, as a piece of HTML."""
    posted = {name: request.POST.get(name, "")[:PART_LIMIT] for name in ("name", "id", "kind", "what", "saved")}
    kind = posted["kind"] if posted["kind"] in date_reading.KINDS else ""
    echo = echo_date(
        posted["name"],
        posted["id"],
        date_parts_of(request.POST, posted["name"]),
        kind=kind,
        what=posted["what"],
        saved=_stored_date(posted["saved"]),
    )
    return render(request, "components/date-echo.html", {"echo": echo})


def _stored_date(text: str) -> PartialDate | None:
    try:
        return PartialDate.of_text(text)
    except (TypeError, ValueError):
        return None
