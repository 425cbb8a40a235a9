"""Pages of an invitation link: six words shown and typed back, then the wait for approval."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.accounts.keys.word_list import as_typed
from caseapp.accounts.members import invitations
from caseapp.accounts.members.invitations import Offer
from caseapp.accounts.signin import passphrase
from caseapp.lib.errors import Refused
from caseapp.ui.forms.secret_fields import WordsForm
from caseapp.ui.forms.shown_proof import is_shown, proof_of
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WORDS = "invitation words"


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation, then six words, and create the account when they are typed back.

    A wrong, expired or used link raises NotFound. The words are shown once and not stored.
    """
    offer = invitations.open_offer(token)
    if request.method != "POST":
        return render(request, "account/join.html", {"offer": offer, "steps": steps()})
    if request.POST.get("step") == "words":
        return _made(request, token, offer)
    words = passphrase.propose_passphrase()
    return _words(request, offer, WordsForm(), proof_of(words, purpose=WORDS), shown=words.split())


def _made(request: HttpRequest, token: str, offer: Offer) -> HttpResponse:
    proof, form = request.POST.get("proof", ""), WordsForm(request.POST)
    if form.is_valid():
        words = as_typed(form.cleaned_data["words"]).lower()
        if is_shown(words, proof, purpose=WORDS):
            try:
                signed_in = invitations.accept(token, words)
            except Refused as exc:
                form.add_error("words", _(exc.sentence))
            else:
                request.fresh_token = signed_in.token  # type: ignore[attr-defined]  # read by StaffOfRequest
                return see_other("/setup/recovery/")
        else:
            form.add_error("words", _("These are not the six words. Look at what you wrote down and type them again."))
    return _words(request, offer, form, proof, shown=None)


def _words(request: HttpRequest, offer: Offer, form: WordsForm, proof: str, *, shown: list[str] | None) -> HttpResponse:
    context: dict[str, Any] = {"offer": offer, "form": form, "proof": proof, "shown": shown, "steps": steps()}
    return render(request, "account/join_words.html", context, status=422 if form.errors else 200)


@staff_view(methods=["GET"], before_recovery=True)
def waiting(request: StaffRequest) -> HttpResponse:
    """Show the six words to compare by phone; go on to Today as soon as an admin has approved the member."""
    if not request.staff.is_waiting:
        return see_other("/")
    return render(
        request, "account/waiting_for_approval.html", {"words": invitations.my_words(request.staff), "steps": steps()}
    )


def steps() -> list[str]:
    """Return the labels of the stepper."""
    return [_("Invitation"), _("Passphrase"), _("Recovery code"), _("Compare words")]
