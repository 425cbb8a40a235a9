"""Limits to where a gateway's address may lead, checked when it is saved and at the address that is connected to.

A member types the address and the server connects to it, so that an address could make the server call machines that
only it can reach. Named services connect to hosts that the library fixes. Any other host and port is the operator's
decision (`GATEWAY_HOSTS`). Addresses of cloud metadata are never connected to.
"""

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from caseapp.lib.errors import Refused

# Schemes whose address names a host. All others are services of the library with fixed hosts.
HOST_SCHEMES = {
    *("bark", "barks", "gotify", "gotifys", "infobip", "json", "jsons", "matrix", "matrixs"),
    *("ntfy", "ntfys", "signal", "signals", "smseagle", "smseagles"),
}
# Without anything after the host these are services of their own: in the host's place is a topic or a token.
ALONE_A_SERVICE = {"matrix", "matrixs", "ntfy", "ntfys"}
SERVICE_MODES = {"cloud", "t2bot"}  # as the library calls it
ALWAYS_TLS = {"infobip"}
# What would choose the method, headers, time limits or trust of the request.
FORBIDDEN_PARAMETERS = {"attach", "cto", "format", "method", "redirect", "rto", "template", "verify"}
METADATA = {
    ip_address(text)
    for text in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
}
NAT64 = IPv6Network("64:ff9b::/96")

_UNLISTED = gettext_noop("The operator of this server has not listed this host and port. Ask them, or use a service.")
_INSIDE = gettext_noop("This address leads to a machine inside the server's own network. It is not used.")
_PARAMETERS = gettext_noop("Leave out the parameters that change how the message is sent (method, headers, verify).")


@dataclass
class Guard:
    """State of a guarded connection. `has_refused`: it would have led where nothing is sent to."""

    has_refused: bool = False


_guard: ContextVar[Guard | None] = ContextVar("guard", default=None)


@dataclass(frozen=True)
class Destination:
    """Destination of an address: a host and port that it names, or None for a service with fixed hosts."""

    host: str
    port: int


def destination_of(address: str) -> Destination | None:
    """Return where an address leads. Raises Refused(code="address") if its port is no number."""
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    is_alone = not (parts.path.strip("/") or parts.query or parts.fragment)
    if scheme not in HOST_SCHEMES or (scheme in ALONE_A_SERVICE and is_alone):
        return None
    try:
        port = parts.port
    except ValueError:
        raise Refused("address", _UNLISTED) from None
    is_secure = scheme.endswith("s") or scheme in ALWAYS_TLS
    return Destination((parts.hostname or "").lower(), port or (443 if is_secure else 80))


def is_fit(address: str) -> bool:
    """Return whether a stored address could be saved today, apart from where its host's name leads now."""
    try:
        destination = destination_of(address)
    except Refused:
        return False
    return not _has_forbidden_parameter(address) and (destination is None or is_listed(destination))


def require_allowed(address: str, client: Any) -> None:
    """Raise Refused(code="address") if a new gateway's address may not be saved.

    client   what the library made of the address: it must read the same host as we do
    """
    if _has_forbidden_parameter(address):
        raise Refused("address", _PARAMETERS)
    destination = destination_of(address)
    if destination is None:
        if address.partition("://")[0].lower() in HOST_SCHEMES and client.mode not in SERVICE_MODES:
            raise Refused("address", _UNLISTED)
        return
    if str(client.host).lower().strip("[]") != destination.host or client.port not in {None, destination.port}:
        raise Refused("address", _UNLISTED)
    if not is_listed(destination):
        raise Refused("address", _UNLISTED)
    if any(not _is_allowed(ip, destination) for ip in _resolve(destination)):
        raise Refused("address", _INSIDE)


def _has_forbidden_parameter(address: str) -> bool:
    names = {name.lower() for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
    return bool(names & FORBIDDEN_PARAMETERS) or any(name[:1] in {"+", "-", ":", " ", ""} for name in names)


def is_listed(destination: Destination) -> bool:
    """Return whether the operator listed this host and port."""
    return (destination.host, destination.port) in settings.GATEWAY_HOSTS


@contextmanager
def guarded_connections() -> Generator[Guard]:
    """Check each connection that is made meanwhile, and connect to the address that was checked."""
    _install_guard()
    guard = Guard()
    token = _guard.set(guard)
    try:
        yield guard
    finally:
        _guard.reset(token)


@cache
def _install_guard() -> None:
    from urllib3.util import connection

    connect = connection.create_connection

    def connect_if_allowed(target: tuple[str, int], *args: Any, **named: Any) -> socket.socket:
        guard = _guard.get()
        if guard is None:
            return connect(target, *args, **named)
        destination = Destination(target[0].lower().strip("[]"), target[1])
        addresses = _resolve(destination)
        if any(not _is_allowed(ip, destination) for ip in addresses):
            guard.has_refused = True
            raise OSError("not allowed")
        for ip in addresses[:-1]:
            with suppress(OSError):
                return connect((str(ip), destination.port), *args, **named)
        if not addresses:
            raise OSError("no address")
        return connect((str(addresses[-1]), destination.port), *args, **named)

    connection.create_connection = connect_if_allowed  # type: ignore[assignment]  # the same arguments, passed on


def _resolve(destination: Destination) -> list[IPv4Address | IPv6Address]:
    """Return the addresses of a host, in the order to try; none if it has none."""
    try:
        answers = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in answers]


def _is_allowed(ip: IPv4Address | IPv6Address, destination: Destination) -> bool:
    inner = _unwrap(ip)
    if ip in METADATA or inner in METADATA:
        return False
    return is_listed(destination) or (ip.is_global and inner.is_global and not inner.is_multicast)


def _unwrap(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address within an IPv6 address (mapped, 6to4, NAT64), or the address itself."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
