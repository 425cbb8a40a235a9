"""View of search and of the palette. The typed text is never part of an address."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.accounts.directory import audit_trail
from caseapp.index import reader
from caseapp.index.results import Hit
from caseapp.index.view import IndexView
from caseapp.search import pages
from caseapp.search.forms import PaletteForm, SearchForm
from caseapp.ui.display import list_notice
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import posted_data, render_form
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

PALETTE = "palette"  # value of `part`: the answer is a part of a page, for the palette's script


@staff_view(methods=["GET", "POST"])
def search_cases(request: StaffRequest) -> HttpResponse:
    """Show the search box; a POST shows results and stores nothing except the audit entry.

    The only case that what was typed is found in opens at once. `part=palette` answers with the palette's lines.
    """
    if request.POST.get("part") == PALETTE:
        return _show_palette(request)
    form = SearchForm(posted_data(request))
    context: dict[str, Any] = {}
    if form.is_valid():
        index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
        hits = _find(request, index, form.cleaned_data["text"], pages.MAX_RESULTS)
        if match := pages.only_match(hits):
            return see_other(case_path(match.case_id))
        context["list_notice"] = list_notice.notice_of(index)
        context["found"] = pages.search_results(hits, index)
        context["lists"] = pages.list_links(request.staff, index, form.cleaned_data["text"])
    return render_form(request, "search/search.html", form, context)


def _show_palette(request: StaffRequest) -> HttpResponse:
    form = PaletteForm(request.POST)
    if not form.is_valid():
        return render(request, "search/_palette.html", {"is_too_long": True}, status=422)
    text = form.cleaned_data["text"]
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    is_search = len(text.strip()) >= pages.MIN_LETTERS
    hits = _find(request, index, text, pages.MAX_IN_PALETTE) if is_search else []
    # Names that were covered a moment ago are covered on the screen only: the server hears of it in its own request.
    is_covered = request.staff.covered or form.cleaned_data["covered"]
    context: dict[str, Any] = {
        "groups": pages.palette_groups(
            request.staff, index, hits, text=text, page_path=form.cleaned_data["page_path"], covered=is_covered
        ),
        "list_notice": list_notice.notice_of(index),
        "is_search": is_search,
        "found": len(hits),
        "covered": is_covered,
    }
    return render(request, "search/_palette.html", context)


def _find(request: StaffRequest, index: IndexView, text: str, limit: int) -> list[Hit]:
    """Return the matching cases and record how many; never what was typed."""
    hits = index.search_cases(text, limit, members=pages.members_named(request.staff, text))
    audit_trail.record_entry_in_transaction(request.staff.keys, "search", count=len(hits))
    return hits
