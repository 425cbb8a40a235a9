"""The head of a request: what it is, and what of it the web server gets."""

from urllib.parse import unquote_to_bytes

import h11

from caseapp.cli.front.addresses import FORWARDED_FOR, FORWARDED_PROTO, Headers

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


def is_sign_in(request: h11.Request) -> bool:
    """Return whether the request is one of those that cost a key derivation before sign-in."""
    path = unquote_to_bytes(request.target.partition(b"?")[0])
    if b"://" in path:  # the form with the host, which the web server also understands
        path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
    return request.method == b"POST" and path in SIGN_IN_PATHS


def head_size(request: h11.Request) -> int:
    """Return the bytes of the head, without separators."""
    return len(request.target) + sum(len(name) + len(value) for name, value in request.headers)


def body_length(request: h11.Request) -> int | None:
    """Return the length of the body, or None where it is sent in chunks."""
    names = dict(request.headers)
    if b"transfer-encoding" in names:
        return None
    return int(names.get(b"content-length", b"0"))


def has_cookie(request: h11.Request) -> bool:
    """Return whether the client may have a session; only the web server knows whether it is open."""
    return any(name == b"cookie" and b"session_token=" in value for name, value in request.headers)


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
    return [
        (raw, value)
        for (raw, value), (name, _) in zip(request.headers.raw_items(), request.headers, strict=True)
        if name not in OF_ONE_HOP and (not name.startswith(FORWARDED) or (is_behind_proxy and name == FORWARDED_PROTO))
    ]
