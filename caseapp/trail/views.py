"""Views of the audit trail."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import restoration
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.trail import pages
from caseapp.trail.forms import DayForm, FilterForm
from caseapp.trail.labels import CODES_BY_KIND
from caseapp.ui.display.case_header import case_head
from caseapp.ui.forms.typed_dates import EARLIEST_YEAR, LATEST_YEAR
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.core.keyring import AUDITORS


@staff_view(methods=["GET"])
def show_office_trail(
    request: StaffRequest, member_id: UUID | None = None, case_id: UUID | None = None
) -> HttpResponse:
    """Show one day of the office's trail, for example `?day=2026-11-24&kind=cases`; of a person or case, a week.

    Raises NotFound for a member without the auditors' key. Reading the trail is recorded in the trail.
    """
    _require_auditor(request.staff)
    query = pages.TrailQuery(
        day=_requested_day(request.GET, request.staff),
        kind=_requested_kind(request.GET),
        member=member_id,
        case=case_id,
        shows_system=request.GET.get("system", "") == "1",
        page=_requested_page(request.GET),
    )
    form = DayForm(request.GET if "on_day" in request.GET or "on_text" in request.GET else None)
    if form.is_bound and form.is_valid():
        return HttpResponseRedirect(replace(query, day=form.cleaned_data["on"], page=1).path)
    return _render_trail(request, query, form, None)


@staff_view(methods=["POST"])
def filter_trail(request: StaffRequest) -> HttpResponse:
    """Go to the page of the chosen person and case: what was typed is in no address."""
    staff = request.staff
    _require_auditor(staff)
    query = pages.TrailQuery(
        day=_requested_day(request.POST, staff),
        kind=_requested_kind(request.POST),
        shows_system=request.POST.get("system", "") == "1",
    )
    form = _filter_form(staff, request.POST)
    if form.is_valid():
        return see_other(replace(query, member=form.cleaned_data["member"], case=form.cleaned_data["case"]).path)
    return _render_trail(request, query, DayForm(), form)


def _render_trail(
    request: StaffRequest, query: pages.TrailQuery, form: DayForm, wanted: FilterForm | None
) -> HttpResponse:
    """Show the page; 422 where the day or the filter has an error. `wanted` is the filter as it was posted."""
    page = pages.trail_page(request.staff, query)
    audit_trail.record_entry_in_transaction(request.staff.keys, "audit.open")
    initial = {"member": str(query.member or ""), "case": page.ref}
    shown = wanted or _filter_form(request.staff, None, initial=initial)
    context = {"page": page, "day_form": form, "form": wanted or form, "filter": shown}
    return render(request, "trail/entries.html", context, status=422 if wanted or form.is_bound else 200)


def _filter_form(staff: Staff, posted: QueryDict | None, **kwargs: Any) -> FilterForm:
    names = pages.member_names(staff)
    return FilterForm(posted, names=names, find_case=lambda reference: pages.find_case(staff, reference), **kwargs)


def _require_auditor(staff: Staff) -> None:
    """Raise NotFound for a member without the auditors' key."""
    if not staff.keys.groups_of_kind(AUDITORS):
        raise NotFound("no key of the trail")


def _requested_kind(typed: QueryDict) -> str:
    kind = typed.get("kind", "")
    if kind not in {"", *CODES_BY_KIND}:
        raise NotFound("no such kind")
    return kind


def _requested_page(typed: QueryDict) -> int:
    text = typed.get("page", "1")
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= pages.MAX_PAGES:
        raise NotFound("no such page")
    return int(text)


def _requested_day(typed: QueryDict, staff: Staff) -> date:
    text = typed.get("day", "")
    if not text:
        return clock.today(staff.zone)
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
    page = pages.case_trail_page(
        request.staff, file, shows_system=request.GET.get("system", "") == "1", page=_requested_page(request.GET)
    )
    return render(request, "trail/case.html", {"page": page, "head": case_head(file)})
