"""Who may use a page: signed in, past the recovery code, inside their office's transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from caseapp.accounts.keys.staff import Staff
from caseapp.ui.requests import case_access, error_pages, page_permissions
from caseapp.ui.requests.redirects import SeeOther
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.vault.tenancy import office

P = ParamSpec("P")
Methods = tuple[str, ...] | list[str]
RECOVERY = "/setup/recovery/"
WAITING = "/waiting/"  # made an account by invitation, not let in yet
FACTOR = "/me/security/"


View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
Served = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_view(
    methods: Methods = ("GET",), *, before_recovery: bool = False, before_factor: bool = False
) -> Callable[[View[P]], Served[P]]:
    """A page for a signed-in person, in one transaction that sees their office only and is committed before the answer.

    Nobody signed in: GET goes to /login/ or /unlock/, POST answers 401 with what was typed. Other methods than
    `methods` answer 405, so a write never happens by GET. Until the recovery code is typed back, and while an admin has
    no second factor, every page leads there, except those that say `before_...`.
    """
    return _guard(
        methods,
        before_recovery=before_recovery,
        before_factor=before_factor or before_recovery,
        in_transaction=True,
        takes_files=False,
    )


def staff_stream(methods: Methods = ("GET",), *, takes_files: bool = False) -> Callable[[View[P]], Served[P]]:
    """The same without a transaction: uploads and downloads are long, and open short transactions themselves.

    `takes_files` lets the upload handler seal what arrives for this page.
    """
    return _guard(methods, before_recovery=False, before_factor=False, in_transaction=False, takes_files=takes_files)


def _guard(
    methods: Methods, *, before_recovery: bool, before_factor: bool, in_transaction: bool, takes_files: bool
) -> Callable[[View[P]], Served[P]]:
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def decorate(view: View[P]) -> Served[P]:
        @wraps(view)
        def served(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in allowed:
                return error_pages.not_allowed(request, sorted(allowed))
            staff: Staff | None = getattr(request, "staff", None)
            if staff is None:
                return at_the_door(request)
            if staff.recovery_pending and not before_recovery:
                return SeeOther(RECOVERY)
            if staff.factor_due and not before_factor:
                return SeeOther(FACTOR)
            if staff.is_waiting and not before_factor and not before_recovery:
                return SeeOther(WAITING)
            page_permissions.check(request, staff)
            known = cast(StaffRequest, request)
            known.opened = {}
            if not in_transaction:
                return view(known, *args, **kwargs)
            with office(staff.org_id):
                response = view(known, *args, **kwargs)
                case_access.write_down(known, staff, response)
                return response

        cast(Any, served).takes_files = takes_files
        cast(Any, served).is_for_staff = True
        return cast(Served[P], served)

    return decorate


def at_the_door(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in here: the door, or, after a POST, what was typed with the way back in beside it."""
    is_locked = getattr(request, "door", "none") == "locked"
    door = "/unlock/" if is_locked else "/login/"
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(door if request.path == "/" else f"{door}?{urlencode({'next': request.path})}")
    return error_pages.signed_out(request, door=door)
