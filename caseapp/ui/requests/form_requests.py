"""Forms sent twice: by a double click, after "Back", by a proxy, or because the answer was lost. Saved once.

Each form that writes has a one-time mark (`{% one_time_mark %}`). A form without one is answered as it arrives.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from caseapp.accounts.drafts import sent_forms
from caseapp.accounts.drafts.sent_forms import ReceivedForm
from caseapp.accounts.errors import FormSentBefore, StepUpNeeded
from caseapp.accounts.keys.staff import Staff
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.ui.requests.preserved_input import SECRET_FIELDS, posted_text
from caseapp.ui.requests.redirects import PageAfterSave, SeeOther, see_other
from caseapp.vault.core import form_marks
from caseapp.vault.core.form_marks import FormAnswer
from caseapp.vault.tenancy import office_transaction

MARK_FIELD = "form_mark"  # the hidden field that `{% one_time_mark %}` renders
NOT_COMPARED = {MARK_FIELD, "draft_id"}  # they differ between two submissions of the same text
Answer = Callable[[], HttpResponseBase | None]


def answer_once(request: HttpRequest, staff: Staff, answer: Answer) -> HttpResponseBase | None:
    """Call `answer`, which saves the form in one transaction, and remember where its redirect leads.

    Return that redirect instead if the same form was saved before. `answer` returns None if it saved nothing.
    Raises FormSentBefore for a form that was saved with other content.
    """
    form = _received_form(request, staff)
    if form is None:
        return answer()
    with office_transaction(staff.org_id):
        if repeat := _repeat_of(request, form, sent_forms.wait_for_earlier(form)):
            return repeat
        response = answer()
        _store_redirect(request, form, response)
    return response


def answer_once_in_steps(request: HttpRequest, staff: Staff, answer: Answer) -> HttpResponseBase | None:
    """Do as `answer_once` for a save of several transactions.

    After a crash in the middle, the same form sent again raises FormSentBefore: only a person can see what is missing.
    """
    form = _received_form(request, staff)
    if form is None:
        return answer()
    with sent_forms.alone_with(form):
        with office_transaction(staff.org_id):
            if repeat := _repeat_of(request, form, sent_forms.find_answer(form)):
                return repeat
        sent_forms.store_begun(form)
        try:
            response = answer()
        except (Refused, EditConflict, NotFound, StepUpNeeded):
            sent_forms.forget(form)
            raise
        with office_transaction(staff.org_id):
            if not _store_redirect(request, form, response):
                sent_forms.forget(form)
    return response


def mark_to_keep(request: HttpRequest) -> str:
    """Return the mark that this POST carries and that no save used up: a form with errors keeps it. "" for none."""
    mark = posted_text(request, MARK_FIELD)
    is_spent = getattr(request, "is_mark_spent", False)
    return mark if mark and not is_spent and form_marks.parse_mark(mark) else ""


def _received_form(request: HttpRequest, staff: Staff) -> ReceivedForm | None:
    mark = form_marks.parse_mark(request.POST.get(MARK_FIELD, "")) if request.method == "POST" else None
    if mark is None:
        return None
    return sent_forms.receive_form(staff.keys, path=request.path, mark=mark, content=_compared_content(request))


def _compared_content(request: HttpRequest) -> bytes:
    """Return what tells two submissions apart: all values but secrets, and the name and size of each file."""
    typed = [
        [name, values]
        for name, values in request.POST.lists()
        if name not in NOT_COMPARED and name.rpartition("-")[2] not in SECRET_FIELDS
    ]
    files = [[name, [[file.name, file.size] for file in files]] for name, files in request.FILES.lists()]
    return json.dumps([sorted(typed), sorted(files)]).encode()


def _repeat_of(request: HttpRequest, form: ReceivedForm, earlier: FormAnswer | None) -> HttpResponse | None:
    """Return the answer to a form that was saved before; None for one to save."""
    if earlier is None:
        return None
    if earlier.path and earlier.content == form.content:
        return see_other(earlier.path, "already-saved")
    if earlier.path and "version" in request.POST:
        return None  # "Back" and another text: the version that the member saw decides, as for any edit
    raise FormSentBefore(earlier.path)


def _store_redirect(request: HttpRequest, form: ReceivedForm, response: HttpResponseBase | None) -> bool:
    """Store where a redirect with a message leads; every other answer saved nothing. Return whether it was stored.

    A page after a save names the path itself.
    """
    if isinstance(response, SeeOther) and response.message:
        sent_forms.store_answer(form, response.headers["Location"])
    elif isinstance(response, PageAfterSave):
        sent_forms.store_answer(form, response.path)
    else:
        return False
    request.is_mark_spent = True  # type: ignore[attr-defined]  # read by mark_to_keep
    return True
