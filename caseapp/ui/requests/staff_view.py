"""Access to a page: signed in, recovery code confirmed, inside the office's transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from caseapp.accounts.keys.staff import Staff
from caseapp.ui.requests import case_access, draft_requests, error_pages, form_requests, page_permissions
from caseapp.ui.requests.redirects import SeeOther
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.vault.tenancy import continue_office_transaction, end_held_transaction

P = ParamSpec("P")
Methods = tuple[str, ...] | list[str]
RECOVERY_PATH = "/setup/recovery/"
WAITING_PATH = "/waiting/"  # created an account by invitation, not approved yet
FACTOR_PATH = "/account/security/"


View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
Served = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_view(
    methods: Methods = ("GET",),
    *,
    before_recovery: bool = False,
    before_factor: bool = False,
    prepare: Callable[..., None] | None = None,
) -> Callable[[View[P]], Served[P]]:
    """Wrap a view for a signed-in member in one transaction of their office.

    The transaction sees only that office and is committed before the response is sent. Without a session, GET
    redirects to /sign-in/ or /unlock/ and POST is answered with 401 and the typed text. Methods other than `methods`
    are answered with 405, so a write never happens by GET. Until the recovery code is typed back, and while an admin
    has no second factor, each page redirects there, except views with `before_recovery` or `before_factor`.

    prepare  makes, before a POST, what must exist in transactions of its own; a form sent twice calls it twice
    """
    return _wrap_staff_view(
        methods,
        before_recovery=before_recovery,
        before_factor=before_factor or before_recovery,
        in_transaction=True,
        takes_files=False,
        prepare=prepare,
    )


def staff_stream(
    methods: Methods = ("GET",), *, takes_files: bool = False, saves_in_steps: bool = False
) -> Callable[[View[P]], Served[P]]:
    """Wrap a view like `staff_view` but without a transaction.

    Uploads and downloads are long, so they open short transactions themselves.
    takes_files     lets the upload handler seal files sent to this page
    saves_in_steps  a POST saves in several transactions; a form sent twice is recognized all the same. A view that
                    saves in one calls `form_requests.answer_once` around it
    """
    return _wrap_staff_view(
        methods,
        before_recovery=False,
        before_factor=False,
        in_transaction=False,
        takes_files=takes_files,
        saves_in_steps=saves_in_steps,
    )


def _wrap_staff_view(
    methods: Methods,
    *,
    before_recovery: bool,
    before_factor: bool,
    in_transaction: bool,
    takes_files: bool,
    saves_in_steps: bool = False,
    prepare: Callable[..., None] | None = None,
) -> Callable[[View[P]], Served[P]]:
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def decorate(view: View[P]) -> Served[P]:
        @wraps(view)
        def served(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in allowed:
                return error_pages.method_not_allowed(request, sorted(allowed))
            staff: Staff | None = getattr(request, "staff", None)
            if staff is None:
                return require_sign_in(request)
            if first := _due_first(staff, before_recovery=before_recovery, before_factor=before_factor):
                return SeeOther(first)
            page_permissions.require_page_permission(request, staff)
            known = cast(StaffRequest, request)
            known.opened_cases = {}
            if prepare is not None and request.method == "POST":
                end_held_transaction()
                prepare(known, *args, **kwargs)
            if saves_in_steps:
                saved = form_requests.answer_once_in_steps(request, staff, lambda: view(known, *args, **kwargs))
                response = cast(HttpResponseBase, saved)
            elif not in_transaction:
                response = view(known, *args, **kwargs)
            else:
                with continue_office_transaction(staff.org_id):
                    saved = form_requests.answer_once(request, staff, lambda: view(known, *args, **kwargs))
                    response = cast(HttpResponseBase, saved)
                    case_access.record_case_views(known, staff, response)
            draft_requests.discard_saved_draft(request, staff, response)
            return response

        cast(Any, served).takes_files = takes_files
        cast(Any, served).continues_transaction = in_transaction
        # Read by the test that walks all forms: which methods are allowed, and who recognizes a form sent twice.
        cast(Any, served).allowed_methods = allowed
        cast(Any, served).saves_once = in_transaction or saves_in_steps
        return cast(Served[P], served)

    return decorate


def _due_first(staff: Staff, *, before_recovery: bool, before_factor: bool) -> str:
    """Return the path of what the member must do before this page; "" for nothing."""
    if staff.recovery_pending and not before_recovery:
        return RECOVERY_PATH
    if staff.factor_due and not before_factor:
        return FACTOR_PATH
    return WAITING_PATH if staff.is_awaiting_approval and not before_factor and not before_recovery else ""


def require_sign_in(request: HttpRequest) -> HttpResponse:
    """Return the redirect to sign-in or unlock; after a POST, 401 with the typed text and a link to sign in.

    While locked the text is also kept as a draft, which only its member opens.
    """
    is_locked = getattr(request, "door", "none") == "locked"
    door = "/unlock/" if is_locked else "/sign-in/"
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(door if request.path == "/" else f"{door}?{urlencode({'next': request.path})}")
    draft_id = draft_requests.store_unsent_form(request) if is_locked else ""
    return error_pages.signed_out_response(request, door=door, draft_id=draft_id)
