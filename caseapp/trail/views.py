"""Views of the audit trail."""

from datetime import date
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory import audit_trail
from caseapp.casefile import restoration
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.trail import pages
from caseapp.trail.labels import CODES_BY_KIND
from caseapp.ui.display.case_header import case_head
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.typed_dates import EARLIEST_YEAR, LATEST_YEAR
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.core.keyring import AUDITORS


class DayForm(forms.Form):
    """Choice of another day."""

    on = DateBoxes(label=gettext_lazy("Another day"))


@staff_view(methods=["GET"])
def show_office_trail(request: StaffRequest) -> HttpResponse:
    """Show one day of the office's trail, for example `?day=2026-11-24&kind=cases`.

    Raises NotFound for a member without the auditors' key. Reading the trail is recorded in the trail.
    """
    staff = request.staff
    if not staff.keys.groups_of_kind(AUDITORS):
        raise NotFound("no key of the trail")
    kind = request.GET.get("kind", "")
    if kind not in {"", *CODES_BY_KIND}:
        raise NotFound("no such kind")
    form = DayForm(request.GET if "on_day" in request.GET or "on_text" in request.GET else None)
    if form.is_bound and form.is_valid():
        return HttpResponseRedirect(pages.trail_path(form.cleaned_data["on"], kind))
    page = pages.trail_page(staff, _requested_day(request), kind)
    audit_trail.record_entry_in_transaction(staff.keys, "audit.open")
    return render(request, "trail/entries.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


def _requested_day(request: StaffRequest) -> date:
    text = request.GET.get("day", "")
    if not text:
        return clock.today(request.staff.zone)
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise NotFound("no such day") from exc
    if not EARLIEST_YEAR < day.year < LATEST_YEAR:
        raise NotFound("no such year")
    return day


@staff_view(methods=["POST"])
def dismiss_finding(request: StaffRequest, finding_id: UUID) -> HttpResponse:
    """Take a finding that needs nothing more off Today. Raises NotFound for one that is not for this member."""
    restoration.dismiss_finding(request.staff, finding_id)
    return see_other("/", "saved")


@staff_view(methods=["GET"])
def show_case_trail(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Show the trail of a case to a member who may open the case."""
    file = open_case_file(request, case_id)
    page = pages.case_trail_page(request.staff, file)
    return render(request, "trail/case.html", {"page": page, "head": case_head(file)})
