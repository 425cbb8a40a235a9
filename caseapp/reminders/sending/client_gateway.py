"""The gateway through which an office sends texts to clients: an address of `gateways` with `{to}` for the number."""

from urllib.parse import quote

from caseapp.lib.errors import Refused
from caseapp.reminders.sending import gateways

TO = "{to}"
KINDS = {"text", "signal"}  # those that reach a telephone number
_EXAMPLE = "+12125550100"


def checked(address: str) -> str:
    """An address that texts to clients can go by. Raises Refused(code="address")."""
    address = address.strip()
    if address.count(TO) != 1:
        raise Refused("address", "Write {to} once, where the number of the person goes: twilio://…/{to}")
    if gateways.kind_of(filled(address, _EXAMPLE)) not in KINDS:
        raise Refused("address", "This gateway sends to no telephone number. Use one for text messages or Signal.")
    return address


def filled(address: str, number: str) -> str:
    """The address of one telephone; `number` as `people.phones.dialled` gives it."""
    return address.replace(TO, quote(number, safe=""))


def shown(address: str) -> str:
    """The little of it that a page says: never the secret."""
    return address.partition("://")[0]


def hand_over(address: str, number: str, text: str) -> None:
    """One text. Raises GatewayRefused; waits at most some ten seconds, so never call it in a transaction."""
    gateways.hand_over(filled(address, number), text)
