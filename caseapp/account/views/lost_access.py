"""Pages for a lost passphrase and recovery code: a link by mail, new words, and the holders' answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.lost_access import FinishRecoveryForm, LostAccessForm, NewWordsForm
from caseapp.account.services import lost_access
from caseapp.account.views import cookies, typed_back
from caseapp.accounts.keys import bundles
from caseapp.accounts.recovery import member
from caseapp.accounts.recovery.member import RecoveryLink
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.requests.client_address import client_address_of
from caseapp.ui.requests.downloads import json_attachment
from caseapp.ui.requests.redirects import see_other

WORDS_PURPOSE, CODE_PURPOSE = "return words", "return code"
REFUSAL_FIELDS = {"no_match": "words", "answer": "answer", "changed": "answer", "office_words": "office_words"}


@require_http_methods(["GET", "HEAD", "POST"])
def request_recovery_link(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address and mail the link. The page is the same for known and unknown addresses."""
    form = LostAccessForm(request.POST if request.method == "POST" else None)
    status, refusal, is_sent = (422 if form.is_bound else 200), None, False
    if form.is_valid():
        try:
            lost_access.mail_recovery_link(
                form.cleaned_data["email"], address=client_address_of(request), language=request.LANGUAGE_CODE or "en"
            )
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "email", exc)
        else:
            status, is_sent = 200, True
    context = {"form": form, "is_sent": is_sent}
    return cookies.set_retry_after(render(request, "account/lost_access.html", context, status=status), refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def recover_account(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of a recovery link.

    First the member chooses new words, once; then these give the file for the holders and finish the recovery.
    """
    link = member.find_link(token)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if not link.is_used:
        return _choose_words(request, token, act)
    if act == "file":
        return json_attachment(member.build_request_file(link), "recovery-request")
    if act == "open":
        return _open_pending_recovery(request, link)
    if act == "finish":
        return _finish_recovery(request, link)
    if request.method == "POST":
        raise NotFound("no such act")
    return render(request, "account/lost_access_waiting.html", {"form": NewWordsForm(), "steps": stepper_labels()})


def _choose_words(request: HttpRequest, token: str, act: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/lost_access_sent.html", {"steps": stepper_labels()})
    if act != "words":
        shown, proof = typed_back.propose_words(WORDS_PURPOSE)
        return _render_words_page(request, SixWordsForm(), proof, shown=shown)
    form, proof = SixWordsForm(request.POST), request.POST.get("proof", "")
    if form.is_valid() and (words := typed_back.read_typed_words(form, proof, purpose=WORDS_PURPOSE)):
        try:
            member.choose_passphrase(token, words)
        except Refused as exc:
            form.add_error("words", translate_refusal(exc))
        else:
            return see_other(request.path)
    return _render_words_page(request, form, proof, shown=None)


def _render_words_page(
    request: HttpRequest, form: SixWordsForm, proof: str, *, shown: list[str] | None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "proof": proof, "shown": shown, "steps": stepper_labels()}
    return render(request, "account/lost_access_words.html", context, status=422 if form.errors else 200)


def _open_pending_recovery(request: HttpRequest, link: RecoveryLink) -> HttpResponse:
    """Show the six words to compare, the file and a new recovery code after the new words were typed."""
    form, refusal, status = NewWordsForm(request.POST), None, 422
    if form.is_valid():
        try:
            ring = member.open_pending_keys(link, form.cleaned_data["words"])
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "words", exc)
        else:
            code = bundles.generate_recovery_code()
            context = {
                "form": FinishRecoveryForm(),
                "proof": typed_back.code_proof(code, CODE_PURPOSE),
                "code": code,
                "words": member.own_verification_words(link, ring),
                "steps": stepper_labels(),
            }
            return render(request, "account/lost_access_finish.html", context)
    context = {"form": form, "steps": stepper_labels()}
    return cookies.set_retry_after(render(request, "account/lost_access_waiting.html", context, status=status), refusal)


def _finish_recovery(request: HttpRequest, link: RecoveryLink) -> HttpResponse:
    form, proof, status, refusal = FinishRecoveryForm(request.POST), request.POST.get("proof", ""), 422, None
    if form.is_valid() and (code := typed_back.read_typed_code(form, proof, purpose=CODE_PURPOSE)):
        typed = form.cleaned_data
        try:
            signed_in = lost_access.complete_recovery(
                link,
                passphrase=typed["words"],
                code=code,
                answer=typed["answer"],
                office_words=typed["office_words"],
                language=request.LANGUAGE_CODE or "en",
            )
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, REFUSAL_FIELDS.get(exc.code, "answer"), exc)
        else:
            return cookies.signed_in_response(request, signed_in, "/", "came-back")
    context = {"form": form, "proof": proof, "code": "", "steps": stepper_labels()}
    return cookies.set_retry_after(render(request, "account/lost_access_finish.html", context, status=status), refusal)


def stepper_labels() -> list[str]:
    """Return the labels of the stepper."""
    return [_("New words"), _("Call the holders"), _("Back in")]
