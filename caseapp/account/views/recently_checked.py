"""Decorator for views that hand out or remove keys: they need a recent check of the passphrase."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http.response import HttpResponseBase

from caseapp.accounts.signin import reauthentication
from caseapp.ui.requests.staff_request import StaffRequest

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def recently_checked(view: View[P]) -> View[P]:
    """Require a check of passphrase and second factor within the last ten minutes.

    Put it under `staff_view`. Without a recent check a GET is redirected to the page that asks and back again; a POST
    is answered with 403 and a page that keeps the typed text.
    """

    @wraps(view)
    def checked(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        reauthentication.require(request.staff)
        return view(request, *args, **kwargs)

    return cast(View[P], checked)
