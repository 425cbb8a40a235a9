"""Reader of messages that a text company passes on: sender, and whether it is STOP. The text itself goes no further."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict

from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones
from caseapp.lib.text.stop_replies import is_stop
from caseapp.reminders.sending import client_messages

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
# Fields that say what a message is about; a gateway may report at the same address what became of our own texts.
EVENT_FIELDS = {
    "direction",
    "event",
    "eventtype",
    "type",
    "messagetype",
    "recordtype",
    "status",
    "messagestatus",
    "smsstatus",
    "deliverystatus",
    "state",
}
OUTGOING = re.compile(
    r"\b(out|outbound|outgoing|mt|sent|sending|queued|accepted|submitted|delivered|undelivered|failed|rejected|expired|"
    r"buffered|enroute|finalized|dlr|receipt|deliveryreceipt|deliveryreport|report|delivery)\b"
)
INCOMING = re.compile(r"\b(in|inbound|incoming|mo|received|receive)\b")
# Names of the number that a gateway gives to one message, and of its time. A plain "id" may be a telephone's.
IDENTITY_FIELDS = {
    "messageid",
    "messagesid",
    "messageuuid",
    "msgid",
    "smsid",
    "smssid",
    "smsmessagesid",
    "timestamp",
    "messagetimestamp",
    "receivedat",
    "receivedon",
    "occurredat",
    "createdat",
    "created",
    "datetime",
    "sentat",
}
Pairs = list[tuple[tuple[str, ...], str]]


@dataclass(frozen=True)
class ReceivedText:
    """A reply of a number, in the form of `phones.normalise_number`.

    identity  the same for a message that is passed on again. Where the gateway gives it neither number nor time: the
              same for one day; empty for STOP, because a client may say so twice
    """

    number: str = field(repr=False)
    is_stop: bool
    identity: tuple[bytes, ...] = field(repr=False)


def replies_in(request: HttpRequest) -> tuple[ReceivedText, ...]:
    """Return who replied, at most 10; a number that wrote STOP once.

    Empty for what reports on our own texts, and for a body that is too large or cannot be parsed.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if not 0 < length <= MAX_BODY_BYTES:
            return ()
        document = _parse_body(request.body, request.content_type or "", request.encoding or "utf-8")
    except (ValueError, OSError, RecursionError):
        return ()
    messages = list(messages_in(document))
    stops: dict[str, bool] = {}
    for message in messages:
        for number in _senders_of(message):
            stops[number] = stops.get(number, False) or _is_stop(message)
    pairs = (pair for message in messages for pair in message)
    has_identity = any(path and path[-1] in IDENTITY_FIELDS and value for path, value in pairs)
    day = b"" if has_identity else clock.now().date().isoformat().encode()
    return tuple(
        ReceivedText(number, stopped, () if stopped and day else (request.body, number.encode(), day))
        for number, stopped in stops.items()
    )[:10]


def _senders_of(message: Pairs) -> list[str]:
    """Return the numbers that a message with a text is from; none for a report on a text of ours."""
    texts = list(_values_under(message, TEXT_FIELDS))
    if not texts or (not _is_stop(message) and (_is_report(message) or any(map(client_messages.is_ours, texts)))):
        return []
    return [number for text in _values_under(message, SENDER_FIELDS) if (number := _phone_digits(text))]


def _is_stop(message: Pairs) -> bool:
    return any(is_stop(text) for text in _values_under(message, TEXT_FIELDS))


def _is_report(message: Pairs) -> bool:
    about = " ".join(value.casefold().replace("_", " ") for path, value in message if path and path[-1] in EVENT_FIELDS)
    return bool(OUTGOING.search(about)) and not INCOMING.search(about)


def _parse_body(body: bytes, content_type: str, encoding: str) -> Any:
    if content_type == "application/json" or body.lstrip()[:1] in {b"{", b"["}:
        return json.loads(body)
    if content_type == "multipart/form-data":
        return dict(
            re.findall(r'name="([^"]{1,60})"\r?\n\r?\n(.*?)\r?\n--', body.decode("utf-8", "replace"), re.DOTALL)
        )
    return QueryDict(body, encoding="utf-8").dict()


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
