"""Text messages, Signal, Matrix and push through the library `apprise`, used only here and loaded when first needed.

A gateway's address contains its secret (`twilio://SID:TOKEN@FROM/TO`), so it is stored only in the member's row,
sealed: the library's own log, its disk cache and its remote images are off.
"""

import logging
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

from caseapp.lib.errors import Refused
from caseapp.reminders.choices import ADDRESS_LIMIT
from caseapp.reminders.sending import gateway_hosts

if TYPE_CHECKING:
    from apprise import AppriseAsset

# The offered ones of the library's more than a hundred schemes: those that deliver a short text to a person. None that
# reads a file, runs a program, writes a log or is another mail server.
SCHEMES = {
    "text": {
        "46elks",
        "atalk",
        "bulksms",
        "bulkvs",
        "burstsms",
        "clickatell",
        "clicksend",
        "d7sms",
        "elks",
        "freemobile",
        "httpsms",
        "infobip",
        "jsons",
        "json",
        "kaleyra",
        "klr",
        "kudosity",
        "msgbird",
        "nexmo",
        "octopush",
        "plivo",
        "ringc",
        "serwersms",
        "seven",
        "sinch",
        "smseagle",
        "smseagles",
        "smsmanager",
        "smsmgr",
        "telesign",
        "telnyx",
        "twilio",
        "voipms",
        "vonage",
    },
    "signal": {"signal", "signals"},
    "matrix": {"matrix", "matrixs"},
    "push": {
        "bark",
        "barks",
        "gotify",
        "gotifys",
        "ntfy",
        "ntfys",
        "pbul",
        "pover",
        "prowl",
        "simplepush",
        "spush",
        "threema",
        "zulip",
    },
}
KIND_BY_SCHEME = {scheme: kind for kind, schemes in SCHEMES.items() for scheme in schemes}
_UNKNOWN_GATEWAY = gettext_noop(
    "This is not an address of a gateway we know. "
    "It begins for example with twilio://, signal://, matrixs:// or ntfys://"
)


class GatewayRefused(OSError):
    """The gateway did not accept the message or did not answer. The error contains nothing of its address."""


class GatewayForbidden(GatewayRefused):
    """The address leads where nothing is sent to: into the server's own network. No later try changes that."""


def kind_of(address: str) -> str:
    """Return text, signal, matrix or push. Raises Refused if this is not the address of an offered gateway."""
    scheme = address.partition("://")[0].lower()
    kind = KIND_BY_SCHEME.get(scheme)
    if kind is None or len(address) > ADDRESS_LIMIT or re.search(r"[\x00-\x20\x7f]", address):
        raise Refused("address", _UNKNOWN_GATEWAY)
    client = _build_client(address)
    if client is None:
        raise Refused("address", "This address is not complete: look up how the gateway writes it.")
    gateway_hosts.require_allowed(address, client)
    return kind


def mask_address(address: str) -> str:
    """Return the part of an address that a page may show: scheme and last two characters, never the secret."""
    parts = urlsplit(address)
    tail = re.sub(r"[^0-9A-Za-z]", "", parts.path.rstrip("/"))[-2:]
    return f"{parts.scheme} ··{tail}" if tail else parts.scheme


def send_text(address: str, text: str) -> None:
    """Send one short text through the gateway.

    Raises GatewayRefused, GatewayForbidden; waits at most some ten seconds.
    """
    instance = _build_client(address)
    with gateway_hosts.guarded_connections() as guard:
        if instance is not None and instance.notify(body=text, title=""):
            return
    raise GatewayForbidden("gateway") if guard.has_refused else GatewayRefused("gateway")


def _build_client(address: str):  # type: ignore[no-untyped-def]  # apprise has no types for its plugins
    from apprise import Apprise

    return Apprise.instantiate(address, asset=_build_asset(), suppress_exceptions=True)


@cache
def _build_asset() -> "AppriseAsset":
    from apprise import AppriseAsset, PersistentStoreMode

    for name in ("apprise", "urllib3", "requests", "requests_oauthlib"):
        loud = logging.getLogger(name)  # these loggers write addresses and answers
        loud.handlers, loud.propagate = [logging.NullHandler()], False
    return AppriseAsset(
        app_id="list",
        app_desc="",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode=PersistentStoreMode.MEMORY,
        async_mode=False,
        http_redirects=False,
    )
