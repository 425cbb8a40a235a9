"""The page of deadlines that a changed law would move, with the decision about each."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.casefile import case_access
from caseapp.deadlines.pages import recompute as recompute_pages
from caseapp.deadlines.services import recompute
from caseapp.deadlines.services.recompute import Bound
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction

EXTENDED_BOUND = Bound(seconds=3, cases=5_000)  # for a request that explicitly continues the work
MOST_LINES = 100  # most decisions in one request


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def review_changes(request: StaffRequest) -> HttpResponseBase:
    """Show the deadlines a changed law would move.

    POST: `act` is go_on, keep or accept; each `line` is "id version".
    """
    refusal = ""
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "go_on":
            recompute.recompute_due_cases(request.staff, EXTENDED_BOUND)
            return see_other(reverse("deadlines:changes"))
        refusal = _decide_lines(request)
        if not refusal:
            return see_other(reverse("deadlines:changes"), "changes-decided")
    progress = recompute.recompute_due_cases(request.staff)
    with office_transaction(request.staff.org_id):
        page = recompute_pages.changes_page(request.staff, progress)
        return render(
            request, "deadlines/recompute.html", {"page": page, "refusal": refusal}, status=422 if refusal else 200
        )


def _decide_lines(request: StaffRequest) -> str:
    """Keep or accept each chosen line; return a sentence when some could not be decided, else empty."""
    # The button of one line sends "accept <id> <version>"; the buttons below the list apply to every ticked line.
    act, _space, only = request.POST.get("act", "").partition(" ")
    acts = {"keep": recompute.keep_date, "accept": recompute.accept_proposal}
    lines = [only] if only else request.POST.getlist("line")[:MOST_LINES]
    if act not in acts:
        raise NotFound("no such act on a changed date")
    if not lines:
        return _("Tick the dates first.")
    staff, refused, missed = request.staff, "", 0
    for line in lines:
        deadline_id, version = _parse_line(line)
        try:
            with office_transaction(staff.org_id):
                case_id = case_access.find_case_id(staff.keys, deadline_id)
            acts[act](staff, case_id, deadline_id, version=version)
        except EditConflict:
            missed += 1
        except Refused as exc:
            refused = translate_refusal(exc)
    if missed:
        return _("Another member saved one of these dates after you opened the list. Check it again.")
    return refused


def _parse_line(text: str) -> tuple[UUID, int]:
    """Return the deadline id and version of a line. Raises NotFound for a malformed one."""
    name, _space, version = text.partition(" ")
    try:
        return UUID(name), int(version[:12])
    except ValueError as exc:
        raise NotFound("a line that is none") from exc
