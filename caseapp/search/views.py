"""View of search. The typed text is never part of an address."""

from django.http import HttpResponse

from caseapp.accounts.directory import audit_trail
from caseapp.index import reader
from caseapp.search import pages
from caseapp.search.forms import SearchForm
from caseapp.ui.forms.form_saving import shown, typed
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """Show the search box; a POST shows results and stores nothing except the audit entry."""
    form = SearchForm(typed(request))
    context = {}
    if form.is_valid():
        index = reader.view(request.staff.keys, zone=request.staff.zone)
        context["found"] = pages.found_cases(request.staff, index, form.cleaned_data["text"])
        audit_trail.note_here(request.staff.keys, "search", count=len(context["found"]))
    return shown(request, "search/search.html", form, context)
