"""Page for a new passphrase, for a member who knows the current one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caseapp.account.forms.factors import ChangePassphraseForm
from caseapp.account.services import security_notices
from caseapp.account.views import cookies
from caseapp.account.views.factors import SECURITY_PATH
from caseapp.account.views.recently_checked import recently_checked
from caseapp.account.views.second_factor import propose_words_and_code, read_typed_code
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.signin import active_sessions, passphrase, sessions
from caseapp.lib.errors import EditConflict, Refused
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream

REFUSAL_FIELDS = {"no_match": "passphrase"}


@staff_stream(["GET", "POST"])  # the change opens a transaction that is committed before the response
@recently_checked
def change_passphrase(request: StaffRequest) -> HttpResponse:
    """Change the passphrase: the current one, the new one twice, and the new recovery code typed back.

    All other devices are signed out.
    """
    staff = request.staff
    if request.method != "POST":
        return render(request, "account/passphrase.html", propose_words_and_code(ChangePassphraseForm()))
    form, proof = ChangePassphraseForm(request.POST), request.POST.get("proof", "")
    status, refusal = 422, None
    if form.is_valid() and (code := read_typed_code(form, proof)):
        typed = form.cleaned_data
        try:
            passphrase.change(
                *(staff.org_id, staff.member_id),
                old=typed["passphrase"],
                new=typed["words"],
                code=code,
                email=security_notices.known_email(staff.org_id, staff.member_id),
            )
        except EditConflict:
            form.add_error(None, _("Your account changed at the same moment. Send it once more."))
        except Refused as exc:
            refusal, status = exc, cookies.add_refusal(form, REFUSAL_FIELDS.get(exc.code, "words"), exc)
        else:
            audit_trail.record_entry(staff.keys, "passphrase.change")
            fresh = sessions.record_reauthentication(cookies.session_token_of(request), has_factor=False)
            active_sessions.end_all(staff.keys, except_chain=staff.presence.session if staff.presence else None)
            request.fresh_token = fresh  # type: ignore[attr-defined]  # read by StaffOfRequest
            return see_other(SECURITY_PATH, "passphrase-changed")
    context = {"form": form, "proof": proof}
    return cookies.set_retry_after(render(request, "account/passphrase.html", context, status=status), refusal)
