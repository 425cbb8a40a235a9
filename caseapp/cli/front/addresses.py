"""The address that a connection or a request is from, as the outermost hop saw it."""

import ipaddress

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
Headers = list[tuple[bytes, bytes]]


def client_of(peer: str, headers: Headers, *, is_behind_proxy: bool) -> str:
    """Return the client's address: the connection's, or behind our proxy the one that the proxy added last.

    A client can forge all entries before that one.
    """
    given = [value for name, value in headers if name == FORWARDED_FOR] if is_behind_proxy else []
    last = given[-1].rpartition(b",")[2].strip().decode("ascii", "replace") if given else ""
    return last or peer


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 one (one customer of a provider)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else parsed.packed[:8].hex()
