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
from caseapp.deadlines.services import notices, what_if
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.ui.display.case_header import case_head
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile


def _clock_path(case_id: UUID) -> str:
    return reverse("deadlines:asylum_clock", args=[case_id])


@staff_view(methods=["GET", "POST"])
def asylum_clock(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the asylum clock and its entries. POST: `act` is filed (enter or correct the day) or stop (add a stop).

    Raises NotFound for a case that has no such clock.
    """
    staff = request.staff
    file = open_case_file(request, case_id)
    if not asylum.has_clock(file, what_if.packs_in_use(staff)):
        raise NotFound("no asylum clock in this case")
    page = clock_page(file, clock.today(staff.zone))
    filed = FiledForm(initial={"filed_on": page.filed_on, "version": page.version or None}, auto_id="filed_%s")
    stop = StopForm(auto_id="stop_%s")
    form: forms.Form = stop
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "filed":
            form = filed = FiledForm(posted_data(request), auto_id="filed_%s")
            if form.is_valid() and try_action(
                form, lambda: _save_filing_date(request, case_id, page, form.cleaned_data)
            ):
                return see_other(_clock_path(case_id), "clock-filed")
        elif act == "stop":
            form = stop = StopForm(posted_data(request), auto_id="stop_%s")
            if form.is_valid() and try_action(
                form, lambda: asylum.add_stop(staff, case_id, **stop.service_arguments())
            ):
                return see_other(_clock_path(case_id), "clock-stop-saved")
        else:
            raise NotFound("no such act on the asylum clock")
    context = {"page": page, "head": case_head(file), "filed": filed, "stop": stop, "opened": request.POST.get("act")}
    return render_form(request, "deadlines/asylum-clock.html", form, context)


def _save_filing_date(request: StaffRequest, case_id: UUID, page: ClockPage, cleaned: dict[str, Any]) -> None:
    """Store the day the I-589 was received: as a new notice, or as a correction of the existing one."""
    if page.filed_on is None:
        notices.record_notice(request.staff, case_id, what=asylum.FILED, dated_on=cleaned["filed_on"])
        return
    asylum.change_filing_date(request.staff, case_id, cleaned["filed_on"], version=cleaned["version"] or 0)


@staff_view(methods=["GET", "POST"])
def asylum_stop(request: StaffRequest, case_id: UUID, stop_id: UUID) -> HttpResponse:
    """Correct a stop, enter when the clock restarted, or remove the stop (`act=remove`)."""
    staff = request.staff
    file = open_case_file(request, case_id)
    kept = _find_stop(file, stop_id)
    saved = StopForm.initial_for(kept)
    form = StopEditForm(posted_data(request), initial={**saved, "version": kept.version})
    if request.POST.get("act") == "remove":
        removal = VersionForm(request.POST)
        if removal.is_valid():
            asylum.remove_stop(staff, case_id, stop_id, version=removal.cleaned_data["version"])
            return see_other(_clock_path(case_id), "clock-stop-removed")
    if form.is_valid():
        version = form.cleaned_data["version"]
        if try_action(
            form, lambda: asylum.change_stop(staff, case_id, stop_id, version=version, **form.service_arguments())
        ):
            return see_other(_clock_path(case_id), "clock-stop-saved")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    context = {"page": case_head(file), "stands": stands, "clock_href": _clock_path(case_id), "version": kept.version}
    return render_form(request, "deadlines/asylum-stop.html", form, context)


def _find_stop(file: SealedFile, stop_id: UUID) -> asylum.StopEntry:
    """Return a stop of the case. Raises NotFound."""
    entry = next((stop for stop in asylum.list_stops(file) if stop.id == stop_id), None)
    if entry is None:
        raise NotFound(f"stop {stop_id}")
    return entry
