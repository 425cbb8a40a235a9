"""Pages of an invitation link: six words shown and typed back, then the wait for approval."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.views import link_codes, typed_back
from caseapp.accounts.members import invitations
from caseapp.accounts.members.invitations import InvitationOffer
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

WORDS_PURPOSE = "invitation words"


@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Ask for the link's code; then show the invitation, six words, and create the account when they are typed back.

    Each page sends the code again. The words are shown once and not stored.
    """
    if request.method != "POST":
        return link_codes.show_code_box(request, _("Invitation"))
    code, step = request.POST.get("code", ""), request.POST.get("step", "")
    try:
        offer = invitations.read_offer(code)
    except NotFound:
        return link_codes.refuse_code(request, _("Invitation"))
    if step == "words":
        return _create_account(request, code, offer)
    if step != "make":
        return render(request, "account/join.html", {"offer": offer, "code": code, "steps": stepper_labels()})
    shown, proof = typed_back.propose_words(WORDS_PURPOSE)
    return _render_words_page(request, offer, SixWordsForm(), proof, shown=shown)


def _create_account(request: HttpRequest, code: str, offer: InvitationOffer) -> HttpResponse:
    proof, form = request.POST.get("proof", ""), SixWordsForm(request.POST)
    if form.is_valid() and (words := typed_back.read_typed_words(form, proof, purpose=WORDS_PURPOSE)):
        try:
            signed_in = invitations.accept(code, words)
        except NotFound:
            return link_codes.refuse_code(request, _("Invitation"))
        except Refused as exc:
            form.add_error("words", translate_refusal(exc))
        else:
            request.fresh_token = signed_in.token  # type: ignore[attr-defined]  # read by StaffOfRequest
            return see_other("/setup/recovery/")
    return _render_words_page(request, offer, form, proof, shown=None)


def _render_words_page(
    request: HttpRequest, offer: InvitationOffer, form: SixWordsForm, proof: str, *, shown: list[str] | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "offer": offer,
        "form": form,
        "code": request.POST["code"],
        "proof": proof,
        "shown": shown,
        "steps": stepper_labels(),
    }
    return render(request, "account/join_words.html", context, status=422 if form.errors else 200)


@staff_view(methods=["GET"], before_recovery=True)
def wait_for_approval(request: StaffRequest) -> HttpResponse:
    """Show the six words to compare by phone; go on to Today as soon as an admin has approved the member."""
    if not request.staff.is_awaiting_approval:
        return see_other("/")
    return render(
        request,
        "account/waiting_for_approval.html",
        {"words": invitations.own_verification_words(request.staff), "steps": stepper_labels()},
    )


def stepper_labels() -> list[str]:
    """Return the labels of the stepper."""
    return [_("Invitation"), _("Passphrase"), _("Recovery code"), _("Compare words")]
