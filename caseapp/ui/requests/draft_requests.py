"""Drafts in ordinary requests: stored when a form is sent while locked, deleted once the form was saved."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from caseapp.accounts.drafts import draft_store
from caseapp.accounts.drafts.draft_store import TypedText
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.signin import sessions
from caseapp.casefile import case_access
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.requests.preserved_input import HIDDEN_FIELDS, PreservedForm, posted_text, preserved_form_of
from caseapp.ui.requests.redirects import PageAfterSave
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.core.inboxes.drafts import DraftInbox
from caseapp.vault.errors import NoKey, OpenFailed

log = logging.getLogger("caseapp.ui")
DRAFT_FIELD = "draft_id"  # the hidden field that names the draft of the form that is sent
SCRIPT_PATHS = (
    "/account/drafts/",
    "/account/here/",
    "/account/cover/",
)  # sent by scripts: no form that a member typed into
_RECORD_ARGUMENTS = ("hearing_id", "deadline_id", "document_id", "task_id")


def inbox_of_request(request: HttpRequest) -> tuple[UUID, DraftInbox] | None:
    """Return the office, and what writes the member's drafts, of an open or locked session; None without one."""
    staff: Staff | None = getattr(request, "staff", None)
    if staff is not None:
        return staff.org_id, drafts.derive_inbox(staff.keys.bundle_key)
    if getattr(request, "door", "none") != "locked":
        return None
    try:
        return sessions.draft_inbox_of_session(request.COOKIES.get(settings.SESSION_COOKIE, ""))
    except SessionGone:
        return None


def store_unsent_form(request: HttpRequest) -> str:
    """Store the form of a POST that came while the session was locked. Return the draft's id, or "" if it was not.

    The answer carries the text too; the draft also waits on the member's other devices.
    """
    kept = None if request.path.startswith(SCRIPT_PATHS) else preserved_form_of(request)
    writes = inbox_of_request(request) if kept is not None else None
    if kept is None or writes is None:
        return ""
    org_id, inbox = writes
    try:
        draft_id = _parse_id(request.POST.get(DRAFT_FIELD, ""))
        return str(draft_store.store_draft(org_id, inbox, _to_typed_text(request, kept), draft_id=draft_id))
    except (Refused, DatabaseError) as exc:
        log.warning("draft.not_kept %s", exc)
        return ""


def discard_saved_draft(request: HttpRequest, staff: Staff, response: HttpResponseBase) -> None:
    """Delete the draft of a form that was just saved: after the case's transaction, in one of its own."""
    has_saved = response.status_code in {302, 303} or isinstance(response, PageAfterSave)
    if request.method != "POST" or not has_saved:
        return
    draft_id = _parse_id(request.POST.get(DRAFT_FIELD, ""))
    if draft_id is None:
        return
    try:
        draft_store.discard_draft(staff.keys, draft_id)
    except NotFound:
        return  # saved twice, or discarded on another device
    except DatabaseError as exc:
        log.warning("draft.not_deleted %s", exc)


def sent_draft_of(request: HttpRequest) -> str | None:
    """Return the draft's id that this POST carries, or "" if it carries none; None for a GET.

    A page that answers a POST shows what was typed and not saved.
    """
    if request.method != "POST":
        return None
    draft_id = _parse_id(posted_text(request, DRAFT_FIELD))
    return str(draft_id) if draft_id is not None else ""


def has_lost_access(keys: Keys, text: TypedText) -> bool:
    """Return whether a draft is about a case that its member can no longer open. In the office's transaction."""
    return any(_is_case_shut(keys, path) for path in {text.page, text.action})


def own_path(text: str) -> str:
    """Return the path if it is one of this site, without its query; else an empty string."""
    path = text.partition("?")[0].partition("#")[0]
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 300 else ""


def _is_case_shut(keys: Keys, path: str) -> bool:
    try:
        arguments = resolve(path).kwargs
    except Resolver404:
        return False
    records = [arguments[name] for name in _RECORD_ARGUMENTS if name in arguments]
    try:
        if "case_id" in arguments:
            case_access.open_case(keys, arguments["case_id"])
        for record_id in records[:1]:
            case_access.open_case(keys, case_access.find_case_id(keys, record_id))
    except (NotFound, NoKey):
        return True
    except OpenFailed:
        return False  # damaged, not shut
    return False


def _to_typed_text(request: HttpRequest, kept: PreservedForm) -> TypedText:
    fields: dict[str, list[str]] = {}
    for preserved in kept.fields:
        if preserved.name != DRAFT_FIELD:
            fields.setdefault(preserved.name, []).append(preserved.value)
    typed = tuple(name for name in fields if name not in HIDDEN_FIELDS)
    came_from = request.headers.get("Referer", "").partition(request.get_host())[2]
    return TypedText(
        page=own_path(came_from) or request.path,
        action=request.path,
        fields=fields,
        changed=typed,
        typed_at=clock.now(),
    )


def _parse_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
