"""Pages for a lost passphrase and recovery code: a link by mail, new words, and the holders' answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseapp.account.forms.lost_access import BackForm, LostForm, OpenForm
from caseapp.account.services import lost_access
from caseapp.account.views import cookies
from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.word_list import as_typed
from caseapp.accounts.recovery import member
from caseapp.accounts.recovery.member import Link
from caseapp.accounts.signin import passphrase
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.forms.secret_fields import WordsForm
from caseapp.ui.forms.shown_proof import is_shown, proof_of
from caseapp.ui.requests.client_address import address_of
from caseapp.ui.requests.downloads import as_file
from caseapp.ui.requests.redirects import see_other
from caseapp.vault.errors import OpenFailed

WORDS, CODE = "return words", "return code"
PLACES = {"no_match": "words", "answer": "answer", "changed": "answer", "office_words": "office_words"}


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address and mail the link. The page is the same for known and unknown addresses."""
    form = LostForm(request.POST if request.method == "POST" else None)
    status, refusal, is_sent = (422 if form.is_bound else 200), None, False
    if form.is_valid():
        try:
            lost_access.ask(
                form.cleaned_data["email"], address=address_of(request), language=request.LANGUAGE_CODE or "en"
            )
        except Refused as exc:
            refusal, status = exc, cookies.told(form, "email", exc)
        else:
            status, is_sent = 200, True
    context = {"form": form, "is_sent": is_sent}
    return cookies.waiting(render(request, "account/lost_access.html", context, status=status), refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of a recovery link.

    First the member chooses new words, once; after that the words give the file for the holders and finish the
    recovery.
    """
    link = member.find(token)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if not link.is_used:
        return _choose(request, token, act)
    if act == "file":
        return as_file(member.request_file(link), "recovery-request")
    if act == "open":
        return _open(request, link)
    if act == "finish":
        return _finish(request, link)
    if request.method == "POST":
        raise NotFound("no such act")
    return render(request, "account/lost_access_waiting.html", {"form": OpenForm(), "steps": steps()})


def _choose(request: HttpRequest, token: str, act: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/lost_access_sent.html", {"steps": steps()})
    if act != "words":
        words = passphrase.propose_passphrase()
        proof = proof_of(words, purpose=WORDS)
        return _words(request, WordsForm(), proof, shown=words.split())
    form, proof = WordsForm(request.POST), request.POST.get("proof", "")
    if form.is_valid():
        words = as_typed(form.cleaned_data["words"]).lower()
        if is_shown(words, proof, purpose=WORDS):
            try:
                member.choose(token, words)
            except Refused as exc:
                form.add_error("words", _(exc.sentence))
            else:
                return see_other(request.path)
        else:
            form.add_error("words", _("These are not the six words. Look at what you wrote down and type them again."))
    return _words(request, form, proof, shown=None)


def _words(request: HttpRequest, form: WordsForm, proof: str, *, shown: list[str] | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "proof": proof, "shown": shown, "steps": steps()}
    return render(request, "account/lost_access_words.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the six words to compare, the file and a new recovery code after the new words were typed."""
    form, refusal, status = OpenForm(request.POST), None, 422
    if form.is_valid():
        try:
            ring = member.open_pending(link, form.cleaned_data["words"])
        except Refused as exc:
            refusal, status = exc, cookies.told(form, "words", exc)
        else:
            code = bundles.new_code()
            context = {
                "form": BackForm(), "proof": proof_of(bundles.normal_code(code), purpose=CODE), "code": code,
                "words": member.my_words(link, ring), "steps": steps(),
            }  # fmt: skip
            return render(request, "account/lost_access_finish.html", context)
    context = {"form": form, "steps": steps()}
    return cookies.waiting(render(request, "account/lost_access_waiting.html", context, status=status), refusal)


def _finish(request: HttpRequest, link: Link) -> HttpResponse:
    form, proof, status, refusal = BackForm(request.POST), request.POST.get("proof", ""), 422, None
    if form.is_valid() and (code := _typed_back(form, proof)):
        typed = form.cleaned_data
        try:
            signed_in = lost_access.finish(
                link, passphrase=typed["words"], code=code, answer=typed["answer"],
                office_words=typed["office_words"], language=request.LANGUAGE_CODE or "en",
            )  # fmt: skip
        except Refused as exc:
            refusal, status = exc, cookies.told(form, PLACES.get(exc.code, "answer"), exc)
        else:
            return cookies.come_in(request, signed_in, "/", "came-back")
    context = {"form": form, "proof": proof, "code": "", "steps": steps()}
    return cookies.waiting(render(request, "account/lost_access_finish.html", context, status=status), refusal)


def _typed_back(form: BackForm, proof: str) -> str:
    try:
        code = bundles.normal_code(form.cleaned_data["typed"])
    except OpenFailed:
        code = ""
    if not (code and is_shown(code, proof, purpose=CODE)):
        form.add_error("typed", _("That is not the code on the sheet. Check each group and type it again."))
        return ""
    return code


def steps() -> list[str]:
    """Return the labels of the stepper."""
    return [_("New words"), _("Call the holders"), _("Back in")]
