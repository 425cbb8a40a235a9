"""Answers after a write: a redirect, or a file to download; and the path to return to."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.utils.http import url_has_allowed_host_and_scheme

from caseapp.ui.requests import flash_cookie


class SeeOther(HttpResponseRedirectBase):
    """Redirect with status 303 after a write: the browser follows with GET.

    message  code of the sentence that the next page shows: a redirect with one has saved something
    """

    status_code = 303
    message = ""


class PageAfterSave(HttpResponse):
    """A page that answers a POST after it saved, because it shows something once: a link to hand over.

    path  where the same form sent again leads
    """

    def __init__(self, content: str, *, path: str) -> None:
        super().__init__(content)
        self.path = path


def see_other(path: str, did: str = "") -> HttpResponse:
    """Return the redirect after a write.

    `did` is a code in `ui.requests.flash`; its sentence is shown once, under the heading of the page at `path`.
    """
    response = SeeOther(path)
    if did:
        response.message = did
        flash_cookie.set_flash(response, path, did)
    return response


def next_path(request: HttpRequest, default: str = "/") -> str:
    """Return the path of this site in `next` (form first, then query), without its query; else `default`."""
    wanted = (request.POST.get("next") if request.method == "POST" else None) or request.GET.get("next") or ""
    path = wanted.partition("?")[0].partition("#")[0]
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 200 else default


def json_attachment(content: bytes, name: str) -> HttpResponse:
    """Return a JSON file as an attachment; choose a name that reveals nothing."""
    response = HttpResponse(content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
