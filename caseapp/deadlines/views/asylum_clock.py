"""Views of the asylum clock: the day of filing and the stops."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.deadlines.forms.asylum_clock import FiledForm, StopEditForm, StopForm
from caseapp.deadlines.forms.deadlines import VersionForm
from caseapp.deadlines.pages.asylum_clock import ClockPage, clock_page
from caseapp.deadlines.services import asylum_clock as asylum
from caseapp.deadlines.services import notices
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.ui.display.case_header import case_head
from caseapp.ui.forms.form_saving import attempt, has_conflict, shown, standing, typed
from caseapp.ui.requests.case_access import opened
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile


def _path(case_id: UUID) -> str:
    return reverse("deadlines:asylum_clock", args=[case_id])


@staff_view(methods=["GET", "POST"])
def asylum_clock(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the asylum clock and its entries. POST: `act` is filed (enter or correct the day) or stop (add a stop)."""
    staff = request.staff
    file = opened(request, case_id)
    page = clock_page(file, clock.today(staff.zone))
    filed = FiledForm(initial={"filed_on": page.filed_on, "version": page.version or None}, auto_id="filed_%s")
    stop = StopForm(auto_id="stop_%s")
    form: forms.Form = stop
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "filed":
            form = filed = FiledForm(typed(request), auto_id="filed_%s")
            if form.is_valid() and attempt(form, lambda: _file(request, case_id, page, form.cleaned_data)):
                return see_other(_path(case_id), "clock-filed")
        elif act == "stop":
            form = stop = StopForm(typed(request), auto_id="stop_%s")
            if form.is_valid() and attempt(form, lambda: asylum.add_stop(staff, case_id, **stop.values())):
                return see_other(_path(case_id), "clock-stop-saved")
        else:
            raise NotFound("no such act on the asylum clock")
    context = {"page": page, "head": case_head(file), "filed": filed, "stop": stop, "opened": request.POST.get("act")}
    return shown(request, "deadlines/asylum-clock.html", form, context)


def _file(request: StaffRequest, case_id: UUID, page: ClockPage, told: dict[str, Any]) -> None:
    """Store the day the I-589 was received: as a new notice, or as a correction of the existing one."""
    if page.filed_on is None:
        notices.record_notice(request.staff, case_id, what=asylum.FILED, dated_on=told["filed_on"])
        return
    asylum.change_filed(request.staff, case_id, told["filed_on"], version=told["version"] or 0)


@staff_view(methods=["GET", "POST"])
def asylum_stop(request: StaffRequest, case_id: UUID, stop_id: UUID) -> HttpResponse:
    """Correct a stop, enter when the clock restarted, or remove the stop (`act=remove`)."""
    staff = request.staff
    file = opened(request, case_id)
    kept = _stop_of(file, stop_id)
    saved = StopForm.saved(kept)
    form = StopEditForm(typed(request), initial={**saved, "version": kept.version})
    if request.POST.get("act") == "remove":
        removal = VersionForm(request.POST)
        if removal.is_valid():
            asylum.remove_stop(staff, case_id, stop_id, version=removal.cleaned_data["version"])
            return see_other(_path(case_id), "clock-stop-removed")
    if form.is_valid():
        version = form.cleaned_data["version"]
        if attempt(form, lambda: asylum.change_stop(staff, case_id, stop_id, version=version, **form.values())):
            return see_other(_path(case_id), "clock-stop-saved")
    stands = standing(form, saved) if form.is_bound and has_conflict(form) else ()
    context = {"page": case_head(file), "stands": stands, "clock_href": _path(case_id), "version": kept.version}
    return shown(request, "deadlines/asylum-stop.html", form, context)


def _stop_of(file: SealedFile, stop_id: UUID) -> asylum.ClockStop:
    """Return a stop of the case. Raises NotFound."""
    entry = next((stop for stop in asylum.stops(file) if stop.id == stop_id), None)
    if entry is None:
        raise NotFound(f"stop {stop_id}")
    return entry
