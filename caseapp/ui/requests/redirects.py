"""Answers that many views give: a redirect after a write, and where to go back to."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirectBase):
    """303: a write is done, look there with GET."""

    status_code = 303


def see_other(path: str, did: str = "") -> HttpResponse:
    """Redirect after a write. `did` is a code of `web.context.DID`; its sentence shows under the heading."""
    if did:
        path += ("&" if "?" in path else "?") + urlencode({"did": did})
    return SeeOther(path)


def next_path(request: HttpRequest, default: str = "/") -> str:
    """The path of this site that `next` names (form first, then query), without its query; else `default`."""
    wanted = (request.POST.get("next") if request.method == "POST" else None) or request.GET.get("next") or ""
    path = wanted.partition("?")[0].partition("#")[0]
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 200 else default
