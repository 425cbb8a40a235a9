"""Views of client contact: consent, texts, calls and reminder sheets."""

import time
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from caseapp.accounts.keys import office_file
from caseapp.casefile.contact import client_contact, reachability
from caseapp.clients.forms.contact import CallForm, ConsentForm, WithdrawForm
from caseapp.clients.pages import reminder_sheet
from caseapp.clients.pages.call import call_page
from caseapp.clients.panels.contact_sections import SEND_ALL_LIMIT
from caseapp.clients.services import contact, texting
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.contact_attempt import HANDED_OVER
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.reminders.sending import client_messages
from caseapp.ui.display.case_header import case_head
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.store import SealedFile

SEND_ALL_SECONDS = 20.0  # seconds after which "Send all" starts no further text


def _person_path(case_id: UUID, party_id: UUID) -> str:
    return reverse("clients:person", args=[case_id, party_id])


@staff_view(methods=["GET", "POST"])
def record_consent(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Record a client's consent to text reminders."""
    file = open_case_file(request, case_id)
    party = _client_party(file, party_id)
    country = office_file.read_office(request.staff.keys).dialling_country
    offered = contact.safe_phones(party)
    initial = {
        "contact": offered[0] if len(offered) == 1 else None,
        "detail": "plain",
        "language": _text_language(party),
        "asked_on": clock.today(request.staff.zone),
    }
    form = ConsentForm(posted_data(request), initial=initial, offered=offered, country=country)
    if form.is_valid() and try_action(
        form, lambda: contact.record_consent(request.staff, case_id, party_id, form.new_consent())
    ):
        return see_other(_person_path(case_id, party_id), "consent-saved")
    context = {
        "page": case_head(file),
        "person": party.name.full,
        "careful": party.careful,
        "offered": offered,
        "person_href": _person_path(case_id, party_id),
        "sample": client_messages.PLAIN_TEXTS[_page_language(request)],
    }
    return render_form(request, "clients/consent.html", form, context)


def _page_language(request: StaffRequest) -> str:
    """Return the language of the page, so that the member who asks for consent can read the sample aloud."""
    return client_messages.supported_language(request.staff.language)


def _text_language(party: Party) -> str:
    """Return the first of the person's languages that texts are written in, English if there is none."""
    known = {"spanish": "es", "español": "es", "french": "fr", "français": "fr", "english": "en", "inglés": "en"}
    spoken = [word.strip().casefold() for word in (*party.reads, *party.languages)]
    return next((known[word] for word in spoken if word in known), "en")


def _client_party(file: SealedFile, party_id: UUID) -> Party:
    party = file.get(party_id, Party).record
    if party.role not in client_contact.CLIENTS:
        raise NotFound(f"client {party_id}")
    return party


@staff_view(methods=["POST"])
def withdraw_consent(request: StaffRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Withdraw a client's consent to texts."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        raise NotFound("how")
    contact.withdraw_consent(request.staff, case_id, party_id, how=form.cleaned_data["how"])
    return see_other(_person_path(case_id, party_id), "consent-ended")


@staff_view(methods=["GET", "POST"])
def record_call(request: StaffRequest, case_id: UUID, party_id: UUID, hearing_id: UUID | None = None) -> HttpResponse:
    """Record a call and its result."""
    file = open_case_file(request, case_id)
    party = _client_party(file, party_id)
    page = call_page(file, party_id, hearing_id, on=clock.today(request.staff.zone))
    initial = {"contact": next(iter(contact.safe_phones(party)), "")}
    form = CallForm(posted_data(request), initial=initial, numbers=page.numbers, others=page.others)
    if form.is_valid():
        call = form.call_result()
        if try_action(form, lambda: contact.record_call(request.staff, case_id, party_id, call, hearing_id=hearing_id)):
            default = reverse("cases:case", args=[case_id])
            return see_other(next_path(request, default), "call-recorded")
    return render_form(request, "clients/call.html", form, {"page": case_head(file), "told": page})


@staff_view(methods=["GET", "POST"])
def show_reminder_sheet(request: StaffRequest, case_id: UUID, party_id: UUID, hearing_id: UUID) -> HttpResponse:
    """Show the reminder sheet of a hearing to print; a POST records that it was handed over.

    `?in=` is its language; `?name=` and `?office=` add the name of the client and of the office.
    """
    file = open_case_file(request, case_id)
    party, hearing = _client_party(file, party_id), file.get(hearing_id, Hearing)
    if request.method == "POST":
        contact.record_reminder_sheet(request.staff, case_id, party_id, hearing_id)
        return see_other(reverse("cases:case", args=[case_id]), "slip-given")
    language = reachability.effective_consent(file, party_id)
    wanted = request.GET.get("in") or (language.record.language if language else _text_language(party))
    options = reminder_sheet.SheetOptions(wanted, has_name="name" in request.GET, has_office="office" in request.GET)
    page = reminder_sheet.build_sheet(party, hearing, options, office_file.read_office(request.staff.keys))
    return render(request, "clients/reminder_sheet.html", {"page": case_head(file), "slip": page})


@staff_stream(methods=["POST"], saves_in_steps=True)
def send_text(request: StaffRequest, case_id: UUID, party_id: UUID, hearing_id: UUID, step: str) -> HttpResponse:
    """Send one text now. The view opens no transaction: the gateway is called outside of any."""
    again = request.POST.get("again") == "yes"
    result = texting.send(request.staff, case_id, party_id, hearing_id, step, again=again)
    did = "text-sent" if result == HANDED_OVER else "text-refused"
    return see_other(next_path(request, reverse("cases:case", args=[case_id])), did)


@staff_stream(methods=["POST"], saves_in_steps=True)
def send_all(request: StaffRequest) -> HttpResponse:
    """Send the texts that the page offered, in order, at most SEND_ALL_LIMIT."""
    wanted = [_parse_text_key(text) for text in request.POST.getlist("one")[:SEND_ALL_LIMIT]]
    until, is_whole = time.monotonic() + SEND_ALL_SECONDS, True
    for ids, step in wanted:
        if time.monotonic() > until:
            is_whole = False
            break
        try:
            is_whole &= texting.send(request.staff, *ids, step) == HANDED_OVER
        except (Refused, NotFound):
            is_whole = False  # the line of this text on the page says why
    return see_other("/", "texts-sent" if is_whole else "texts-some")


def _parse_text_key(text: str) -> tuple[tuple[UUID, UUID, UUID], str]:
    parts = text[:200].split(".")
    try:
        case_id, party_id, hearing_id = (UUID(part) for part in parts[:3])
        return (case_id, party_id, hearing_id), parts[3]
    except (ValueError, IndexError):
        raise NotFound("text") from None


@staff_view(methods=["POST"])
def resolve_unsure_text(request: StaffRequest, case_id: UUID, attempt_id: UUID) -> HttpResponse:
    """Record whether a text that may have gone out was sent."""
    if request.POST.get("went") not in {"yes", "no"}:
        raise NotFound("went")
    texting.resolve_unsure_text(request.staff, case_id, attempt_id, went=request.POST["went"] == "yes")
    return see_other(reverse("cases:case", args=[case_id]), "text-settled")
