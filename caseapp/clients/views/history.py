"""Views of the earlier orders against a person."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from caseapp.clients.forms.history import EarlierOrderForm
from caseapp.clients.services import history
from caseapp.records.history import History
from caseapp.records.party import Party
from caseapp.ui.display import case_header
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.store import SealedFile


@staff_view(methods=["GET", "POST"])
def add_order(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Add an earlier removal order of a person."""
    file = open_case_file(request, case_id)
    context = _context(file, party_id)
    form = EarlierOrderForm(posted_data(request))
    if form.is_valid():
        order = form.to_order(History(what=history.PRIOR_ORDER, party=party_id))
        if try_action(form, lambda: history.add_prior_order(request.staff, case_id, order)):
            return see_other(context["back"], "order-saved")
    return render_form(request, "clients/order.html", form, context)


@staff_view(methods=["GET", "POST"])
def edit_order(request: StaffRequest, case_id: UUID, party_id: UUID, order_id: UUID) -> HttpResponse:
    """Change an earlier removal order of a person."""
    file = open_case_file(request, case_id)
    context = _context(file, party_id)
    entry = history.prior_order(file, party_id, order_id)
    saved = EarlierOrderForm.initial_for(entry.record)
    form = EarlierOrderForm(posted_data(request), initial={**saved, "version": entry.version})
    if form.is_valid():
        order, version = form.to_order(entry.record), form.cleaned_data["version"] or 0
        if try_action(
            form, lambda: history.change_prior_order(request.staff, case_id, order_id, order, version=version)
        ):
            return see_other(context["back"], "order-saved")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return render_form(request, "clients/order.html", form, {**context, "stands": stands, "is_edit": True})


def _context(file: SealedFile, party_id: UUID) -> dict[str, Any]:
    return {
        "page": case_header.case_head(file),
        "person": file.get(party_id, Party).record.name.full,
        "back": reverse("clients:person", args=[file.id, party_id]),
    }
