"""First run, steps 1 and 2: the set-up code, the office, its first member, and six words typed back.

Steps 3 to 5 are in `first_run`, the last one is the page that invites a colleague.
"""

import json
from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.new_office import FounderForm, OfficeForm
from caseapp.account.forms.sign_in import SetupCodeForm
from caseapp.account.services import new_office as casework
from caseapp.account.views import cookies, link_codes, typed_back
from caseapp.accounts.members import new_office
from caseapp.accounts.members.new_office import Hosting
from caseapp.lib.countries import dialling_country_of_zone
from caseapp.lib.errors import TooMany
from caseapp.ui.forms import set_up_steps
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.requests.client_address import client_address_of

WORDS_PURPOSE = "set-up words"
FACTOR_PATH = "/setup/factor/"


@require_http_methods(["GET", "HEAD", "POST"])
def set_up_office(request: HttpRequest) -> HttpResponse:
    """Show a box for the set-up code; with the right code, the pages of the office and its first member.

    The server stores nothing between the pages, so each of them sends the code again. Raises Http404 once an office
    exists.
    """
    if not new_office.needs_setup():
        raise Http404
    if request.method != "POST":
        return render(request, "account/setup_code.html", {"form": SetupCodeForm()})
    try:
        if not casework.matches_setup_code(request.POST.get("code", ""), address=client_address_of(request)):
            return _refuse_setup_code(request)
    except TooMany as exc:
        return _refuse_setup_code(request, exc)
    return _continue_set_up(request, request.POST.get("step", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def set_up_further_office(request: HttpRequest) -> HttpResponse:
    """Show the same pages for a further office on this server, with the code of its own set-up link.

    The box is shown at all times, so the page does not tell whether an office waits for its set-up.
    """
    if request.method != "POST":
        return render(request, "account/setup_code.html", {"form": SetupCodeForm(), "is_further": True})
    try:
        waiting = casework.find_waiting_office(request.POST.get("code", ""), address=client_address_of(request))
    except TooMany as exc:
        return _refuse_setup_code(request, exc, is_further=True)
    if waiting is None:
        return _refuse_setup_code(request, is_further=True)
    hosting = Hosting(waiting, is_first=False, has_code=True)
    return _continue_set_up(request, request.POST.get("step", ""), hosting)


def _refuse_setup_code(request: HttpRequest, exc: TooMany | None = None, *, is_further: bool = False) -> HttpResponse:
    """Return the box with a sentence: status 404, or 429 after too many tries."""
    form = SetupCodeForm({"code": ""})
    if exc is not None:
        status = link_codes.refuse_in_box(form, lambda: cookies.add_refusal(form, "code", exc))
    else:
        status = 404
        sentence = _("This is not the set-up code of this server. Ask for the link again and open it.")
        link_codes.refuse_in_box(form, lambda: form.add_error("code", sentence))
    context = {"form": form, "is_further": is_further}
    response = render(request, "account/setup_code.html", context, status=status)
    return cookies.set_retry_after(response, exc)


def _continue_set_up(request: HttpRequest, step: str, hosting: Hosting | None = None) -> HttpResponse:
    """Show the page that follows, or create the office once its six words are typed back.

    step     the page that was sent: `you` after the office, `office` after the member, `words`; another one begins
    hosting  of a further office, whose code was typed
    """
    if step not in {"you", "office", "words"}:
        initial = request.POST.dict() if step == "back" else {"language": request.LANGUAGE_CODE}
        return _render_office_page(request, OfficeForm(initial=initial), is_back=step == "back")
    office_form = OfficeForm(request.POST)
    if not office_form.is_valid():
        return _render_office_page(request, office_form)
    if step == "you":
        return _render_founder_page(request, office_form, FounderForm(initial=request.POST.dict()))
    founder_form = FounderForm(request.POST)
    if not founder_form.is_valid():
        return _render_founder_page(request, office_form, founder_form)
    answers = (office_form, founder_form)
    if step == "words":
        return _create_office(request, answers, hosting)
    shown, proof = typed_back.propose_words(WORDS_PURPOSE)
    return _render_words_page(request, answers, SixWordsForm(), proof, shown=shown)


def _render_office_page(request: HttpRequest, form: OfficeForm, *, is_back: bool = False) -> HttpResponse:
    context = {
        "form": form,
        "carried": FounderForm(initial=request.POST.dict()),
        "countries": "" if form.is_bound or is_back else json.dumps(_countries_of_zones()),
    }
    return _render_page(request, "account/new_office.html", set_up_steps.OFFICE, context)


def _countries_of_zones() -> dict[str, str]:
    """Return the country of each time zone that lies in one of ours, for the page's script."""
    named = {zone: dialling_country_of_zone(zone) for zone in sorted(available_timezones())}
    return {zone: country for zone, country in named.items() if country}


def _render_founder_page(request: HttpRequest, office_form: OfficeForm, form: FounderForm) -> HttpResponse:
    context = {"form": form, "carried": office_form}
    return _render_page(request, "account/founder.html", set_up_steps.FOUNDER, context)


def _create_office(
    request: HttpRequest, answers: tuple[OfficeForm, FounderForm], hosting: Hosting | None
) -> HttpResponse:
    """Compare the typed words with the words shown, which exist only on paper, and create the office."""
    proof = request.POST.get("proof", "")
    typed = SixWordsForm(request.POST)
    if typed.is_valid() and (words := typed_back.read_typed_words(typed, proof, purpose=WORDS_PURPOSE)):
        office, founder = (form.cleaned_data for form in answers)
        signed_in = casework.found_office(
            office_name=office["office_name"],
            zone=office["zone"],
            language=office["language"],
            member_name=founder["member_name"],
            email=founder["email"],
            passphrase=words,
            founder=casework.founder_of(
                zone=office["zone"],
                country=office["country"],
                role=founder["role"],
                is_supervising=founder["is_supervising"],
            ),
            hosting=hosting,
        )
        return cookies.signed_in_response(request, signed_in, FACTOR_PATH)
    return _render_words_page(request, answers, typed, proof, shown=None)


def _render_words_page(
    request: HttpRequest, answers: Iterable[forms.Form], form: SixWordsForm, proof: str, *, shown: list[str] | None
) -> HttpResponse:
    carried = [field for answered in answers for field in answered]
    context = {"form": form, "carried": carried, "proof": proof, "shown": shown}
    return _render_page(request, "account/passphrase_words.html", set_up_steps.FOUNDER, context)


def _render_page(request: HttpRequest, template: str, step: int, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    shown = {**set_up_steps.step_context(step), **context, "code": request.POST["code"]}
    return render(request, template, shown, status=status)
