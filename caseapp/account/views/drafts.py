"""Drafts of the member's forms: stored while they type, offered on the page, restored, discarded.

`save_draft` also works while the session is locked: the text that was typed last must not be lost by the lock.
"""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from caseapp.account.pages.drafts import DraftLine, draft_line, offer_of, preserved_form
from caseapp.accounts.drafts import draft_store
from caseapp.accounts.drafts.draft_store import KeptDraft, TypedText
from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests import draft_requests, error_pages
from caseapp.ui.requests.preserved_input import SECRET_FIELDS
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

MAX_NAME = 200  # characters of a field's name
MAX_FIELDS = 300
MAX_ACTIONS = 200  # forms of one page


def save_draft(request: HttpRequest) -> HttpResponse:
    """Store what was typed into one form and answer with its id.

    401 without a session, 409 for a page of another member, 400 or 413 for what is not a draft or is too long.
    """
    if request.method != "POST":
        return error_pages.method_not_allowed(request, ["POST"])
    writes = draft_requests.inbox_of_request(request)
    if writes is None:
        return JsonResponse({"state": "gone"}, status=401)
    org_id, inbox = writes
    if request.POST.get("mark") != inbox.page_mark():
        return JsonResponse({"state": "other"}, status=409)
    try:
        text = _read_typed_text(request)
        draft_id = _read_id(request.POST.get(draft_requests.DRAFT_FIELD, ""))
    except ValueError:
        return JsonResponse({"state": "unreadable"}, status=400)
    try:
        return JsonResponse({"draft": str(draft_store.store_draft(org_id, inbox, text, draft_id=draft_id))})
    except Refused as exc:
        return JsonResponse({"state": exc.code, "sentence": translate_refusal(exc)}, status=413)


@staff_view(["POST"])
def list_offers(request: StaffRequest) -> HttpResponse:
    """Answer with the drafts for the forms of one page. Drafts about a case that was shut are discarded."""
    try:
        actions = msgspec.json.decode(request.POST.get("actions", ""), type=list[str])[:MAX_ACTIONS]
    except msgspec.MsgspecError:
        return JsonResponse({"state": "unreadable"}, status=400)
    page = draft_requests.own_path(request.POST.get("page", ""))
    wanted = [
        draft
        for draft in draft_store.list_drafts(request.staff.keys)
        if draft.text.action in actions or draft.text.page == page
    ]
    open_drafts = _without_lost_access(request.staff, wanted)
    offers = [offer_of(draft) for draft in open_drafts if draft.text.action in actions]
    return JsonResponse({"offers": offers})


@staff_view(["GET"])
def show_drafts(request: StaffRequest) -> HttpResponse:
    """Show the member's drafts, each with Restore and Discard; works without scripts."""
    kept = _without_lost_access(request.staff, draft_store.list_drafts(request.staff.keys))
    lines: list[DraftLine] = [draft_line(draft) for draft in kept]
    return render(request, "account/drafts.html", {"lines": lines, "days": draft_store.KEPT_DAYS, "narrow": True})


@staff_view(["POST"])
def restore_draft(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Answer with a draft: its fields for the script of the page, or a form that can be sent again."""
    draft = draft_store.read_draft(request.staff.keys, draft_id)
    if draft_requests.has_lost_access(request.staff.keys, draft.text):
        draft_store.discard_draft(request.staff.keys, draft_id)
        return error_pages.not_found(request)
    if request.headers.get("Accept", "").startswith("application/json"):
        text = draft.text
        return JsonResponse({"fields": text.fields, "changed": list(text.changed), "focus": text.focus})
    context = {"line": draft_line(draft), "kept": preserved_form(draft), "narrow": True}
    return render(request, "account/draft.html", context)


@staff_view(["POST"])
def discard_draft(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Delete a draft, and return to the list; the script of a page gets 204."""
    draft_store.discard_draft(request.staff.keys, draft_id)
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204)
    return see_other("/account/drafts/", "draft-discarded")


def _without_lost_access(staff: Staff, kept: list[KeptDraft] | tuple[KeptDraft, ...]) -> list[KeptDraft]:
    still_open = []
    for draft in kept:
        if draft_requests.has_lost_access(staff.keys, draft.text):
            draft_store.discard_draft(staff.keys, draft.id)
        else:
            still_open.append(draft)
    return still_open


def _read_typed_text(request: HttpRequest) -> TypedText:
    """Return the text of the request. Raises ValueError. Secrets are left out whatever the page sends."""
    posted = request.POST
    try:
        sent = msgspec.json.decode(posted.get("fields", ""), type=dict[str, list[str]])
        changed = msgspec.json.decode(posted.get("changed", "[]"), type=list[str])
    except msgspec.MsgspecError as exc:
        raise ValueError("fields") from exc
    fields = {name: values for name, values in sent.items() if name.rpartition("-")[2] not in SECRET_FIELDS}
    page, action = draft_requests.own_path(posted.get("page", "")), draft_requests.own_path(posted.get("action", ""))
    is_small = len(fields) <= MAX_FIELDS and all(len(name) <= MAX_NAME for name in fields)
    if not (page and action and is_small):
        raise ValueError("page")
    number = posted.get("number", "0")
    return TypedText(
        page=page,
        action=action,
        number=min(int(number), 99) if number.isdecimal() else 0,
        fields=fields,
        changed=tuple(name for name in changed if name in fields),
        focus=posted.get("focus", "")[:MAX_NAME],
        typed_at=clock.now(),
    )


def _read_id(text: str) -> UUID | None:
    return UUID(text) if text else None
