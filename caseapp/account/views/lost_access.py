"""Pages for a lost passphrase and recovery code: a link by mail, new words, and the holders' answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.lost_access import FinishRecoveryForm, LostAccessForm, NewWordsForm
from caseapp.account.services import lost_access
from caseapp.account.views import cookies, link_codes, typed_back
from caseapp.accounts.keys import bundles
from caseapp.accounts.recovery import member
from caseapp.accounts.recovery.member import RecoveryLink
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.secret_fields import SixWordsForm
from caseapp.ui.requests.client_address import client_address_of
from caseapp.ui.requests.redirects import json_attachment

WORDS_PURPOSE, CODE_PURPOSE = "return words", "return code"
REFUSAL_FIELDS = {"no_match": "words", "answer": "answer", "changed": "answer", "office_words": "office_words"}


@require_http_methods(["GET", "HEAD", "POST"])
def request_recovery_link(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address and mail the link. The page is the same for known and unknown addresses."""
    initial = {"office_code": cookies.office_code_of(request)}
    form = LostAccessForm(request.POST if request.method == "POST" else None, initial=initial)
    status, refusal, is_sent = (422 if form.is_bound else 200), None, False
    if form.is_valid():
        try:
            lost_access.mail_recovery_link(
                form.cleaned_data["email"],
                address=client_address_of(request),
                language=request.LANGUAGE_CODE or "en",
                office_code=form.cleaned_data["office_code"],
            )
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, "email", exc)
        else:
            status, is_sent = 200, True
    context = {"form": form, "is_sent": is_sent}
    return cookies.set_retry_after(render(request, "account/lost_access.html", context, status=status), refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def recover_account(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a recovery link, and show the page it leads to.

    First the member chooses new words, once; then these give the file for the holders and finish the recovery. Each
    page sends the code again.
    """
    if request.method != "POST":
        return link_codes.show_code_box(request, _("Restore access"))
    code, act = request.POST.get("code", ""), request.POST.get("act", "")
    try:
        link = member.find_link(code)
    except NotFound:
        return link_codes.refuse_code(request, _("Restore access"))
    if not link.is_used:
        return _choose_words(request, code, act)
    if act == "file":
        return json_attachment(member.build_request_file(link), "recovery-request")
    if act == "open":
        return _open_pending_recovery(request, link)
    if act == "finish":
        return _finish_recovery(request, link)
    return _render(request, "lost_access_waiting", {"form": NewWordsForm()})


def _choose_words(request: HttpRequest, code: str, act: str) -> HttpResponse:
    if act == "make":
        shown, proof = typed_back.propose_words(WORDS_PURPOSE)
        return _render(request, "lost_access_words", {"form": SixWordsForm(), "proof": proof, "shown": shown})
    if act != "words":
        return _render(request, "lost_access_sent", {})
    form, proof = SixWordsForm(request.POST), request.POST.get("proof", "")
    if form.is_valid() and (words := typed_back.read_typed_words(form, proof, purpose=WORDS_PURPOSE)):
        try:
            member.choose_passphrase(code, words)
        except NotFound:
            return link_codes.refuse_code(request, _("Restore access"))
        except Refused as exc:
            form.add_error("words", translate_refusal(exc))
        else:
            return _render(request, "lost_access_waiting", {"form": NewWordsForm()})
    return _render(request, "lost_access_words", {"form": form, "proof": proof, "shown": None})


def _open_pending_recovery(request: HttpRequest, link: RecoveryLink) -> HttpResponse:
    """Show the six words to compare, the file and a new recovery code after the new words were typed."""
    form, refusal = NewWordsForm(request.POST), None
    if form.is_valid():
        try:
            ring = member.open_pending_keys(link, form.cleaned_data["words"])
        except Refused as exc:
            refusal = exc
        else:
            recovery_code = bundles.generate_recovery_code()
            context = {
                "form": FinishRecoveryForm(),
                "proof": typed_back.code_proof(recovery_code, CODE_PURPOSE),
                "recovery_code": recovery_code,
                "words": member.own_verification_words(link, ring),
            }
            return _render(request, "lost_access_finish", context)
    return _render_refused(request, "lost_access_waiting", {"form": form}, ("words", refusal))


def _finish_recovery(request: HttpRequest, link: RecoveryLink) -> HttpResponse:
    form, proof, refusal = FinishRecoveryForm(request.POST), request.POST.get("proof", ""), None
    if form.is_valid() and (recovery_code := typed_back.read_typed_code(form, proof, purpose=CODE_PURPOSE)):
        typed = form.cleaned_data
        try:
            signed_in = lost_access.complete_recovery(
                link,
                passphrase=typed["words"],
                code=recovery_code,
                answer=typed["answer"],
                office_words=typed["office_words"],
                language=request.LANGUAGE_CODE or "en",
            )
        except Refused as exc:
            refusal = exc
        else:
            return cookies.signed_in_response(request, signed_in, "/", "came-back")
    field = REFUSAL_FIELDS.get(refusal.code, "answer") if refusal else ""
    return _render_refused(request, "lost_access_finish", {"form": form, "proof": proof}, (field, refusal))


def _render_refused(
    request: HttpRequest, page: str, context: dict[str, Any], refused: tuple[str, Refused | None]
) -> HttpResponse:
    """Render a page with its form's errors; `refused` is a field and what was refused there, if anything was."""
    field, refusal = refused
    status = cookies.add_refusal(context["form"], field, refusal) if refusal else 422
    return cookies.set_retry_after(_render(request, page, context, status=status), refusal)


def _render(request: HttpRequest, page: str, context: dict[str, Any], *, status: int | None = None) -> HttpResponse:
    """Render a page of the recovery, which sends the link's code again. The status is 422 if its form has errors."""
    form = context.get("form")
    status = status or (422 if form is not None and form.errors else 200)
    shown = {**context, "code": request.POST["code"], "steps": stepper_labels()}
    return render(request, f"account/{page}.html", shown, status=status)


def stepper_labels() -> list[str]:
    """Return the labels of the stepper."""
    return [_("New words"), _("Call the holders"), _("Access restored")]
