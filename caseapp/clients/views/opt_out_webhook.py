"""Webhook for the replies that a text company passes on: who replied and when is kept, sealed; never what they wrote.

No session and no cookie, and the same answer to every request: a caller who does not know the address learns nothing.
"""

import base64

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.errors import TooManyTries
from caseapp.accounts.signin import throttle
from caseapp.clients.views import received_messages
from caseapp.lib import base64url
from caseapp.ui.requests import error_pages
from caseapp.ui.requests.client_address import client_address_of


@csrf_exempt
def receive_opt_out(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """Answer 204 to every message; 429 when too many arrive at once, so that the text company sends them again.

    token   the code in the path; without one it is the password of Basic authentication (401 asks for it)
    """
    if request.method != "POST":
        return error_pages.method_not_allowed(request, ["POST"])
    if token is None and (token := _basic_password(request)) is None:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="in"'})
    code = _decode_token(token)
    hook = opt_out_inbox.find_hook(code)
    try:
        throttle.count_try(
            throttle.for_hook(
                opt_out_inbox.token_tag(code), is_known=hook is not None, address=client_address_of(request)
            )
        )
    except TooManyTries as exc:
        return HttpResponse(status=429, headers={"Retry-After": str(exc.seconds)})
    for reply in received_messages.replies_in(request):
        store = opt_out_inbox.store_opt_out if reply.is_stop else opt_out_inbox.store_reply
        store(hook, reply.number, row=opt_out_inbox.row_of_message(code, *reply.identity) if reply.identity else None)
    return HttpResponse(status=204)


def _basic_password(request: HttpRequest) -> str | None:
    """Return the password that the text company sent in a header, or None. The user name does not matter."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _decode_token(text: str) -> bytes:
    try:
        return base64url.decode(text[:100])
    except ValueError:
        return text.encode("utf-8", "replace")[:100]
