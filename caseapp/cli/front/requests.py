"""The head of a request: what it is, and what of it the web server gets.

What two servers could read in two ways is refused, or is passed on in the one form that both read alike.
"""

import re
from urllib.parse import unquote_to_bytes

import h11

from caseapp.cli.front.addresses import FORWARDED_FOR, FORWARDED_PROTO, Headers, last_entry

# Posted without a session, and each may cost a key derivation (Argon2id). A test compares them with the pages.
SIGN_IN_PATHS = frozenset(
    (
        b"/setup/",
        b"/setup/office/",
        b"/sign-in/",
        b"/sign-in/factor/",
        b"/sign-in/rescue/",
        b"/sign-in/lost/",
        b"/sign-in/return/",
        b"/unlock/",
        b"/unlock/passkey/",
        b"/join/",
    )
)
SESSION_PATH = b"/session"
COOKIES = (b"session_token=", b"ended=")  # of a session, and of one that was ended in this browser
OF_ONE_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"upgrade",
        b"expect",
        b"transfer-encoding",
        b"content-length",
    )
)
FORWARDED = (b"x-forwarded-", b"forwarded", b"x-real-ip")
KEPT_OF_CHECK = frozenset((b"host", b"cookie", FORWARDED_PROTO))
SCHEMES = frozenset((b"http", b"https"))
# A header with another sign in its name may become another header's variable in the web server ("_" for "-"), and from
# its own socket it accepts SCRIPT_NAME, which changes the path.
PLAIN_NAME = re.compile(rb"[a-z0-9-]+")
WITH_HOST = re.compile(rb"(?P<scheme>[a-zA-Z]+)://(?P<host>[^/?@]+)(?P<path>/[^?]*)?(?P<query>\?.*)?")
SEPARATORS = 4  # bytes of a header's line besides name and value


class UnreadableHead(Exception):
    """The head is not what a client of ours sends, or two servers could read it in two ways."""


def read_head(request: h11.Request) -> h11.Request:
    """Return the request with its path as target, and the host that it names. Raises UnreadableHead."""
    names = [name for name, _ in request.headers]
    has_two_lengths = b"transfer-encoding" in names and (b"content-length" in names or request.http_version != b"1.1")
    if has_two_lengths or not request.method.isupper() or b"#" in request.target:
        raise UnreadableHead
    if request.target.startswith(b"/"):
        return request
    parts = WITH_HOST.fullmatch(request.target)
    if parts is None or parts["scheme"].lower() not in SCHEMES:
        raise UnreadableHead
    headers = [(raw, value) for raw, value in request.headers.raw_items() if raw.lower() != b"host"]
    return h11.Request(
        method=request.method,
        target=(parts["path"] or b"/") + (parts["query"] or b""),
        headers=[(b"Host", parts["host"]), *headers],
        http_version=request.http_version,
    )


def is_sign_in(request: h11.Request) -> bool:
    """Return whether the request is one of those that cost a key derivation before sign-in."""
    path = unquote_to_bytes(request.target.partition(b"?")[0])
    return request.method == b"POST" and path in SIGN_IN_PATHS


def head_size(request: h11.Request) -> int:
    """Return the bytes of the head."""
    return len(request.target) + sum(len(name) + len(value) + SEPARATORS for name, value in request.headers)


def body_length(request: h11.Request) -> int | None:
    """Return the length of the body, or None where it is sent in chunks."""
    names = dict(request.headers)
    if b"transfer-encoding" in names:
        return None
    return int(names.get(b"content-length", b"0"))


def has_cookie(request: h11.Request) -> bool:
    """Return whether the client may have a session, or had one; only the web server knows."""
    cookies = [value for name, value in request.headers if name == b"cookie"]
    return any(name in value for value in cookies for name in COOKIES)


def passed_on(request: h11.Request, client: str, *, length: int | None, is_behind_proxy: bool) -> h11.Request:
    """Return the request for the web server, with the client's address as its one `X-Forwarded-For`.

    length  of the body, or None for one that is passed on in chunks
    """
    headers = _common_headers(request, is_behind_proxy=is_behind_proxy)
    headers.append((FORWARDED_FOR, client.encode("ascii", "replace")))
    if not any(name.lower() == b"host" for name, _ in headers):
        headers.append((b"Host", b""))  # of HTTP/1.0: the web server refuses it as an unknown host
    if length is None:
        headers.append((b"Transfer-Encoding", b"chunked"))
    elif length or request.method not in {b"GET", b"HEAD"}:
        headers.append((b"Content-Length", str(length).encode()))
    headers.append((b"Connection", b"close"))
    return h11.Request(method=request.method, target=request.target, headers=headers)


def session_check(request: h11.Request, *, is_behind_proxy: bool) -> h11.Request:
    """Return the question whether the request's cookie belongs to an open session."""
    headers = _common_headers(request, is_behind_proxy=is_behind_proxy)
    kept = [(name, value) for name, value in headers if name.lower() in KEPT_OF_CHECK]
    return h11.Request(method=b"GET", target=SESSION_PATH, headers=[*kept, (b"Connection", b"close")])


def _common_headers(request: h11.Request, *, is_behind_proxy: bool) -> Headers:
    headers = list(request.headers)
    dropped = OF_ONE_HOP | _names_of_this_hop(headers)
    kept = [
        (raw, value)
        for (raw, value), (name, _) in zip(request.headers.raw_items(), headers, strict=True)
        if name not in dropped and PLAIN_NAME.fullmatch(name) and not name.startswith(FORWARDED)
    ]
    scheme = last_entry(headers, FORWARDED_PROTO) if is_behind_proxy else b""
    return [*kept, (FORWARDED_PROTO, scheme)] if scheme in SCHEMES else kept


def _names_of_this_hop(headers: Headers) -> frozenset[bytes]:
    """Return the headers that the client names in `Connection`: they are for this hop alone."""
    named = b",".join(value for name, value in headers if name == b"connection")
    return frozenset(word.strip().lower() for word in named.split(b",")) - {b"host", b"cookie"}
