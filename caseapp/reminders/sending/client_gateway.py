"""Gateway for an office's texts to clients: an address of `gateways` with `{to}` for the number."""

from urllib.parse import quote

from caseapp.lib.errors import Refused
from caseapp.reminders.sending import gateways

NUMBER_PLACEHOLDER = "{to}"
PHONE_KINDS = {"text", "signal"}  # the kinds that reach a telephone number
_EXAMPLE = "+12125550100"


def validate_address(address: str) -> str:
    """Return the stripped address if texts to clients can be sent with it. Raises Refused(code="address")."""
    address = address.strip()
    if address.count(NUMBER_PLACEHOLDER) != 1:
        raise Refused("address", "Write {to} once, in place of the person's number: twilio://…/{to}")
    if gateways.kind_of(address_for(address, _EXAMPLE)) not in PHONE_KINDS:
        raise Refused("address", "This gateway sends to no telephone number. Use one for text messages or Signal.")
    return address


def address_for(address: str, number: str) -> str:
    """Return the address with the telephone number filled in. `number` is dialled with its country code."""
    return address.replace(NUMBER_PLACEHOLDER, quote(number, safe=""))


def mask_address(address: str) -> str:
    """Return the scheme, the only part of the address that a page may show: the rest contains the secret."""
    return address.partition("://")[0]


def hand_over(address: str, number: str, text: str) -> None:
    """Send one text. Raises GatewayRefused.

    Waits at most some ten seconds, so never call it in a transaction.
    """
    gateways.send_text(address_for(address, number), text)
