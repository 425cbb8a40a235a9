"""The address that a connection or a request is from, as the outermost hop saw it."""

import ipaddress

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
Headers = list[tuple[bytes, bytes]]


def last_entry(headers: Headers, name: bytes) -> bytes:
    """Return what the last hop added to a list of headers, or b"". A client can forge all entries before that one."""
    given = [value for known, value in headers if known == name]
    return given[-1].rpartition(b",")[2].strip() if given else b""


def client_of(peer: str, headers: Headers, *, is_behind_proxy: bool) -> str:
    """Return the client's address: the connection's, or behind our proxy the one that the proxy added last."""
    last = last_entry(headers, FORWARDED_FOR).decode("ascii", "replace") if is_behind_proxy else ""
    return _without_port(last) or peer


def _without_port(entry: str) -> str:
    """Return the address of an entry like `203.0.113.9:5061` or `[2001:db8::1]:5061`, which some proxies write.

    With its port each connection would be an address of its own, with tries of its own at sign-in.
    """
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 one (one customer of a provider)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else parsed.packed[:8].hex()
