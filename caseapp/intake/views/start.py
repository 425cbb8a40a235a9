"""The intake queue, and the two pages that begin an intake."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.recovery import gate
from caseapp.cases.services import cases
from caseapp.conflicts.services.checks import request_check
from caseapp.index import reader
from caseapp.intake.forms.start import HotlineForm, SafetyForm
from caseapp.intake.pages.queue import intake_queue
from caseapp.intake.services import intakes
from caseapp.lib import clock
from caseapp.lib.text.digits import read_page_number
from caseapp.ui import limits
from caseapp.ui.display import list_notice
from caseapp.ui.display.colleagues import teams_of
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

QUEUE = "intake:queue"


@staff_view(methods=["GET"])
def show_queue(request: StaffRequest) -> HttpResponse:
    """Show the intakes of one state. `?show=` is the state, `?page=` the page."""
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    number = read_page_number(request.GET.get("page", ""))
    queue = intake_queue(request.staff, index, state=request.GET.get("show", ""), page=number)
    return render(request, "intake/queue.html", {"page": queue, "list_notice": list_notice.notice_of(index)})


@staff_view(methods=["GET", "POST"])
def start_intake(request: StaffRequest) -> HttpResponse:
    """Begin an intake with the step "Safety". The button "check" also asks for the conflict check."""
    if limited := _limit_of(request, _("New intake")):
        return limited
    staff = request.staff
    form = SafetyForm(posted_data(request), teams=teams_of(staff.keys), initial={"phone_safe": "not_asked"})
    if form.is_valid():
        first = form.first_facts(today=clock.today(staff.zone))
        if done := try_action(form, lambda: intakes.open_intake(staff, first)):
            return _after_start(request, done.value)
    return render_form(request, "intake/new.html", form, {})


@staff_view(methods=["GET", "POST"])
def take_call(request: StaffRequest) -> HttpResponse:
    """Begin an intake from a call to the hotline: it goes to the waiting list."""
    if limited := _limit_of(request, _("Hotline call")):
        return limited
    staff = request.staff
    form = HotlineForm(posted_data(request), teams=teams_of(staff.keys))
    if form.is_valid() and try_action(form, lambda: intakes.open_intake(staff, form.first_facts(staff.zone))):
        return see_other(reverse(QUEUE) + "?show=waiting", "intake-waiting")
    return render_form(request, "intake/hotline.html", form, {})


def _after_start(request: StaffRequest, case_id: UUID) -> HttpResponse:
    go = request.POST.get("go", "")
    if go == "check":
        request_check(request.staff, case_id)
        return see_other(reverse("intake:conflict", args=[case_id]), "intake-checked")
    if go == "leave":
        return see_other(reverse(QUEUE), "intake-left")
    return see_other(reverse("intake:who", args=[case_id]), "intake-saved")


def _limit_of(request: StaffRequest, title: str) -> HttpResponse | None:
    """Return the page that says why no intake can be begun now, before a form is shown."""
    if request.method == "POST":
        return None
    limit = gate.recovery_limit(request.staff.keys)
    if limit is not None and not limit.cases_left:
        return limits.show_limit(
            request, title, limits.recovery_sentence(request.staff, limit), names=limits.admin_names(request.staff)
        )
    if not request.staff.keys.teams:
        return limits.show_limit(request, title, _(cases.NO_TEAM), names=limits.admin_names(request.staff))
    return None
