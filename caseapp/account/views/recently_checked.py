"""For views that hand out, take away or carry off keys: only after a fresh look at who is there."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http.response import HttpResponseBase

from caseapp.accounts.signin import reauthentication
from caseapp.ui.requests.staff_request import StaffRequest

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def recently_checked(view: View[P]) -> View[P]:
    """Put it under `staff_view`: passphrase and second factor were asked for within ten minutes, or are asked for now.

    A GET is led to the page that asks and back; a POST answers 403 and gives back what was typed.
    """

    @wraps(view)
    def checked(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        reauthentication.require(request.staff)
        return view(request, *args, **kwargs)

    return cast(View[P], checked)
