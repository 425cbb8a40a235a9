"""First run: the set-up code, the office, six words typed back, then the recovery code typed back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.sign_in import OfficeForm, RecoveryCodeForm, SetupCodeForm
from caseapp.account.services import new_office as casework
from caseapp.account.views import cookies, link_codes, typed_back
from caseapp.accounts.members import new_office
from caseapp.accounts.members.new_office import Hosting
from caseapp.accounts.signin import office_codes, recovery_code
from caseapp.lib.errors import TooMany
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.requests.client_address import client_address_of
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WORDS_PURPOSE, CODE_PURPOSE = "set-up words", "recovery code"


@require_http_methods(["GET", "HEAD", "POST"])
def set_up_office(request: HttpRequest) -> HttpResponse:
    """Show a box for the set-up code; with the right code, pages 1 and 2 of the set-up.

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
    """Show page 1 or 2 after the code was checked, or create the office after page 2.

    hosting  of a further office, whose code was typed
    """
    if step not in {"office", "words"}:
        initial = request.POST.dict() if step == "back" else {"language": request.LANGUAGE_CODE}
        return _render_office_page(request, OfficeForm(initial=initial))
    office_form = OfficeForm(request.POST)
    if not office_form.is_valid():
        return _render_office_page(request, office_form)
    if step == "words":
        return _create_office(request, office_form, hosting)
    shown, proof = typed_back.propose_words(WORDS_PURPOSE)
    return _render_words_page(request, office_form, SixWordsForm(), proof, shown=shown)


def _render_office_page(request: HttpRequest, form: OfficeForm) -> HttpResponse:
    context = {"form": form, "code": request.POST["code"], "steps": stepper_labels()}
    return render(request, "account/new_office.html", context, status=422 if form.errors else 200)


def _create_office(request: HttpRequest, office_form: OfficeForm, hosting: Hosting | None) -> HttpResponse:
    """Compare the typed words with the words shown, which exist only on paper, and create the office."""
    proof = request.POST.get("proof", "")
    typed = SixWordsForm(request.POST)
    if typed.is_valid() and (words := typed_back.read_typed_words(typed, proof, purpose=WORDS_PURPOSE)):
        signed_in = casework.found_office(passphrase=words, hosting=hosting, **office_form.cleaned_data)
        return cookies.signed_in_response(request, signed_in, "/setup/recovery/")
    return _render_words_page(request, office_form, typed, proof, shown=None)


def _render_words_page(
    request: HttpRequest, office_form: OfficeForm, form: SixWordsForm, proof: str, *, shown: list[str] | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "told": office_form,
        "form": form,
        "code": request.POST["code"],
        "proof": proof,
        "shown": shown,
        "steps": stepper_labels(),
    }
    return render(request, "account/passphrase_words.html", context, status=422 if form.errors else 200)


@staff_view(["GET", "POST"], before_recovery=True)
def set_up_recovery_code(request: StaffRequest) -> HttpResponse:
    """Show the recovery code once and ask to type it back (page 3).

    Until then every page redirects to this page.
    """
    if not request.staff.recovery_pending:
        return see_other("/")
    if request.method != "POST":
        code = recovery_code.propose_recovery_code(request.staff)
        proof = typed_back.code_proof(code, CODE_PURPOSE)
        context = {
            "form": RecoveryCodeForm(),
            "code": code,
            "proof": proof,
            "steps": stepper_labels(),
            "office_code": office_codes.find_code(request.staff.org_id),
        }
        return render(request, "account/recovery.html", context)
    form, proof = RecoveryCodeForm(request.POST), request.POST.get("proof", "")
    if form.is_valid() and (typed := typed_back.read_typed_code(form, proof, purpose=CODE_PURPOSE)):
        recovery_code.confirm_recovery_code(request.staff, typed, typed)
        return see_other("/", "set-up")
    context = {"form": form, "code": "", "proof": proof, "steps": stepper_labels()}
    return render(request, "account/recovery.html", context, status=422)


def stepper_labels() -> list[str]:
    """Return the labels of the stepper."""
    return [_("Office"), _("Passphrase"), _("Recovery code")]
