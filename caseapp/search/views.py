"""View of search. The typed text is never part of an address."""

from typing import Any

from django.http import HttpResponse

from caseapp.accounts.directory import audit_trail
from caseapp.index import reader
from caseapp.search import pages
from caseapp.search.forms import SearchForm
from caseapp.ui.display import list_notice
from caseapp.ui.forms.form_saving import posted_data, render_form
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def search_cases(request: StaffRequest) -> HttpResponse:
    """Show the search box; a POST shows results and stores nothing except the audit entry."""
    form = SearchForm(posted_data(request))
    context: dict[str, Any] = {}
    if form.is_valid():
        index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
        context["list_notice"] = list_notice.notice_of(index)
        context["found"] = pages.search_results(request.staff, index, form.cleaned_data["text"])
        audit_trail.record_entry_in_transaction(request.staff.keys, "search", count=len(context["found"]))
    return render_form(request, "search/search.html", form, context)
