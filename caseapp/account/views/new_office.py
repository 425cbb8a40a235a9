"""First run: the office, six words typed back, then the recovery code typed back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.sign_in import CodeForm, OfficeForm
from caseapp.account.services import new_office as casework
from caseapp.account.views import cookies
from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.word_list import as_typed
from caseapp.accounts.members import new_office
from caseapp.accounts.signin import passphrase, recovery_code
from caseapp.ui.forms.secret_fields import WordsForm
from caseapp.ui.forms.shown_proof import is_shown, proof_of
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view
from caseapp.vault.errors import OpenFailed

WORDS, CODE = "set-up words", "recovery code"


@require_http_methods(["GET", "HEAD", "POST"])
def office(request: HttpRequest) -> HttpResponse:
    """Show pages 1 and 2 of the set-up.

    The server stores nothing between them. Raises Http404 once an office exists.
    """
    if not new_office.needs_setup():
        raise Http404
    step = request.POST.get("step", "")
    if request.method != "POST" or step == "back":
        initial = request.POST.dict() if step == "back" else {"language": request.LANGUAGE_CODE}
        return render(request, "account/new_office.html", {"form": OfficeForm(initial=initial), "steps": steps()})
    office_form = OfficeForm(request.POST)
    if not office_form.is_valid():
        return render(request, "account/new_office.html", {"form": office_form, "steps": steps()}, status=422)
    if step == "words":
        return _found(request, office_form)
    words = passphrase.propose_passphrase()
    return _words(request, office_form, WordsForm(), proof_of(words, purpose=WORDS), shown=words.split())


def _found(request: HttpRequest, told: OfficeForm) -> HttpResponse:
    """Compare the typed words with the words shown, which exist only on paper, and create the office."""
    proof = request.POST.get("proof", "")
    typed = WordsForm(request.POST)
    if typed.is_valid():
        words = as_typed(typed.cleaned_data["words"]).lower()
        if is_shown(words, proof, purpose=WORDS):
            signed_in = casework.found_office(passphrase=words, **told.cleaned_data)
            return cookies.come_in(request, signed_in, "/setup/recovery/")
        typed.add_error("words", _("These are not the six words. Look at what you wrote down and type them again."))
    return _words(request, told, typed, proof, shown=None)


def _words(
    request: HttpRequest, told: OfficeForm, form: WordsForm, proof: str, *, shown: list[str] | None
) -> HttpResponse:
    context: dict[str, Any] = {"told": told, "form": form, "proof": proof, "shown": shown, "steps": steps()}
    return render(request, "account/passphrase_words.html", context, status=422 if form.errors else 200)


@staff_view(["GET", "POST"], before_recovery=True)
def recovery(request: StaffRequest) -> HttpResponse:
    """Show the recovery code once and ask to type it back (page 3).

    Until then every page redirects to this page.
    """
    if not request.staff.recovery_pending:
        return see_other("/")
    if request.method != "POST":
        code = recovery_code.propose_recovery_code(request.staff)
        proof = proof_of(bundles.normal_code(code), purpose=CODE)
        context = {"form": CodeForm(), "code": code, "proof": proof, "steps": steps()}
        return render(request, "account/recovery.html", context)
    form, proof = CodeForm(request.POST), request.POST.get("proof", "")
    if form.is_valid():
        typed = _normal(form.cleaned_data["typed"])
        if typed and is_shown(typed, proof, purpose=CODE):
            recovery_code.confirm_recovery_code(request.staff, typed, typed)
            return see_other("/", "set-up")
        form.add_error("typed", _("That is not the code on the sheet. Check each group and type it again."))
    context = {"form": form, "code": "", "proof": proof, "steps": steps()}
    return render(request, "account/recovery.html", context, status=422)


def _normal(typed: str) -> str:
    try:
        return bundles.normal_code(typed)
    except OpenFailed:
        return ""


def steps() -> list[str]:
    """Return the labels of the stepper."""
    return [_("Office"), _("Passphrase"), _("Recovery code")]
