"""View of the hand-over of a person's own copy: choose, print the sheet, get the file, record it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import reauthentication
from caseapp.casefile import case_access, open_case
from caseapp.lib import clock
from caseapp.moving.forms.hand_over import HandOverForm
from caseapp.moving.pages.closed_archives import close_archive
from caseapp.moving.pages.hand_over_sheet import SHEET_WORDS, HandOverSheet
from caseapp.moving.pages.readable import readable_files
from caseapp.moving.services import hand_over
from caseapp.moving.services.exporting import age, client_file
from caseapp.moving.services.hand_over import STICK
from caseapp.moving.views.archives import archive_response
from caseapp.records.party import Party
from caseapp.ui.display import case_header
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

ACTS = ("sheet", "file", "record")


# Not in one transaction: the archive is sent long after the case was read.
@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def give_file(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """Give a person their whole file: print the sheet and the receipt, get the file, record that it was given."""
    staff = request.staff
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        if request.method != "POST":
            open_case.record_view(staff, file)
    reauthentication.require(staff)
    form = HandOverForm(
        posted_data(request),
        people=case_header.client_choices(file, is_covered=staff.covered),
        initial={"language": _language_of(file)},
    )
    act = request.POST.get("act", "sheet")
    if form.is_valid() and act in ACTS and (answer := _answer(request, file, form, act)):
        return answer
    return render_form(request, "moving/hand_over.html", form, {"page": case_header.case_head(file)})


def _answer(request: StaffRequest, file: SealedFile, form: HandOverForm, act: str) -> HttpResponseBase | None:
    fields = form.cleaned_data
    if act == "sheet":
        return _sheet_response(request, file, fields)
    if act == "record":
        return _record(request.staff, file.id, form)
    opened = try_action(
        form, partial(client_file.open_client_file, request.staff, file.id, reason=client_file.PERSONS_COPY)
    )
    if opened is None:
        return None
    with translation.override(fields["language"]):
        pieces = client_file.stream_client_file(opened.value, readable_files(opened.value))
        phrase = fields["words"] if fields["how"] == STICK else ""
        return archive_response(close_archive(pieces, f"case-{opened.value.ref}", opened.value.at, phrase=phrase))


def _sheet_response(request: StaffRequest, file: SealedFile, fields: dict[str, Any]) -> HttpResponse:
    staff, head, party = request.staff, case_header.case_head(file), UUID(fields["party"])
    sheet = HandOverSheet(
        language=fields["language"],
        texts=SHEET_WORDS[fields["language"]],
        office_name=staff.office_name,
        name=file.get(party, Party).record.name.full,
        ref=head.ref,
        on=clock.today(staff.zone),
        party=party,
        how=fields["how"],
        words=age.new_phrase() if fields["how"] == STICK else "",
    )
    return render(request, "moving/hand_over_sheet.html", {"page": head, "sheet": sheet})


def _record(staff: Staff, case_id: UUID, form: HandOverForm) -> HttpResponse | None:
    fields = form.cleaned_data
    done = try_action(
        form,
        partial(
            hand_over.record_hand_over,
            staff,
            case_id,
            UUID(fields["party"]),
            how=fields["how"],
            has_receipt=fields["has_receipt"],
        ),
    )
    return see_other(reverse("cases:case", args=[case_id]), "file-given") if done else None


def _language_of(file: SealedFile) -> str:
    """Return the first of our languages that the client reads; English without one."""
    lead = case_header.client_party_of(file)
    spoken = [*(lead.record.reads if lead else ()), *(lead.record.languages if lead else ())]
    known = {"spanish": "es", "español": "es", "french": "fr", "français": "fr", "english": "en"}
    return next((known[name.casefold()] for name in spoken if name.casefold() in known), "en")
