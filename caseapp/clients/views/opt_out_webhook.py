"""Webhook for the replies that a text company passes on. Only STOP is kept, sealed; nothing else is stored.

No session and no cookie, and the same answer to every request: a caller who does not know the address learns nothing.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.errors import TooManyTries
from caseapp.accounts.signin import throttle
from caseapp.lib import base64url
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones
from caseapp.lib.text.stop_replies import is_stop
from caseapp.ui.requests import error_pages
from caseapp.ui.requests.client_address import client_address_of

MAX_BODY_BYTES = 16_384  # bytes of one request from a text company
MAX_DEPTH, MAX_VALUES = 6, 300  # levels of nesting and number of values read in one message
# Field names for the sender and the text in the requests of the gateways in `reminders.sending.gateways`,
# reduced to lowercase letters and digits.
SENDER_FIELDS = {
    "from",
    "fromnumber",
    "msisdn",
    "sender",
    "senderid",
    "contact",
    "source",
    "sourceaddress",
    "src",
    "originator",
    "mobile",
    "phone",
    "phonenumber",
    "number",
    "caller",
    "callerid",
    "author",
}
TEXT_FIELDS = {
    "body",
    "text",
    "message",
    "content",
    "msg",
    "smstext",
    "messagebody",
    "messagetext",
    "keyword",
    "optouttype",
}


@csrf_exempt
def receive_opt_out(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """Answer 204 to every message; 429 when too many arrive at once, so that the text company sends them again.

    token   the code in the path; without one it is the password of Basic authentication (401 asks for it)
    """
    if request.method != "POST":
        return error_pages.method_not_allowed(request, ["POST"])
    if token is None and (token := _basic_password(request)) is None:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="in"'})
    hook = opt_out_inbox.find_hook(_decode_token(token))
    try:
        throttle.count_try(
            throttle.for_hook(
                opt_out_inbox.token_tag(_decode_token(token)),
                is_known=hook is not None,
                address=client_address_of(request),
            )
        )
    except TooManyTries as exc:
        return HttpResponse(status=429, headers={"Retry-After": str(exc.seconds)})
    for number in senders_of_stop(request):
        opt_out_inbox.store_opt_out(hook, number)
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


def senders_of_stop(request: HttpRequest) -> tuple[str, ...]:
    """Return the numbers that wrote STOP, in the form of `phones.normalise_number`; at most 10.

    Empty for any other message, and for a body that is too large or cannot be parsed.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if not 0 < length <= MAX_BODY_BYTES:
            return ()
        document = _parse_body(request.body, request.content_type or "", request.encoding or "utf-8")
    except (ValueError, OSError, RecursionError):
        return ()
    senders: dict[str, None] = {}
    for message in messages_in(document):
        if any(is_stop(text) for text in _values_under(message, TEXT_FIELDS)):
            senders.update(
                dict.fromkeys(
                    number for text in _values_under(message, SENDER_FIELDS) if (number := _phone_digits(text))
                )
            )
    return tuple(senders)[:10]


def _parse_body(body: bytes, content_type: str, encoding: str) -> Any:
    if content_type == "application/json" or body.lstrip()[:1] in {b"{", b"["}:
        return json.loads(body)
    if content_type == "multipart/form-data":
        return dict(
            re.findall(r'name="([^"]{1,60})"\r?\n\r?\n(.*?)\r?\n--', body.decode("utf-8", "replace"), re.DOTALL)
        )
    return QueryDict(body, encoding="utf-8").dict()


Pairs = list[tuple[tuple[str, ...], str]]


def messages_in(document: Any, depth: int = 0) -> Iterator[Pairs]:
    """Yield each message in a document, as a list of pairs (path of field names, value).

    Every element of a list is a message of its own.
    """
    pairs: Pairs = []
    lists: list[Any] = []
    _collect_values(document, (), pairs, lists, depth)
    yield pairs[:MAX_VALUES]
    if depth < MAX_DEPTH:
        for element in lists[:MAX_VALUES]:
            yield from messages_in(element, depth + 1)


def _collect_values(value: Any, path: tuple[str, ...], pairs: Pairs, lists: list[Any], depth: int) -> None:
    if isinstance(value, dict) and len(path) < MAX_DEPTH:
        for name, inner in list(value.items())[:MAX_VALUES]:
            _collect_values(inner, (*path, re.sub(r"[^a-z0-9]", "", str(name).casefold())), pairs, lists, depth)
    elif isinstance(value, list):
        lists += value[:MAX_VALUES]
    elif isinstance(value, str | int) and not isinstance(value, bool):
        pairs.append((path, str(value)[:500]))


def _values_under(message: Pairs, names: set[str]) -> Iterator[str]:
    return (value for path, value in message if names & set(path))


def _phone_digits(text: str) -> str:
    try:
        return phones.normalise_number(re.sub(r"^(tel|sms|whatsapp):", "", text.strip()))
    except Refused:
        return ""
