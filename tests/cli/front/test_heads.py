"""Heads that two servers could read in two ways: refused, or passed on in the one form that gunicorn reads alike."""

import h11
import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]  # it has no types
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]
from gunicorn.http.wsgi import create  # type: ignore[import-untyped]

from caseapp.cli.front import requests
from tests.cli.front.rig import front, in_loop

PEER = ""  # of a connection to gunicorn's own socket: it accepts more from there


def read(*lines: str, body: bytes = b"") -> h11.Request:
    """Return the request that the front reads. Raises UnreadableHead, RemoteProtocolError."""
    http = h11.Connection(h11.SERVER)
    http.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    event = http.next_event()
    assert isinstance(event, h11.Request), event
    return requests.read_head(event)


def environ_behind(request: h11.Request, *, is_behind_proxy: bool = False) -> dict[str, object]:
    """Return what Django gets of a request that the front passes on."""
    passed = requests.passed_on(request, "192.0.2.7", length=0, is_behind_proxy=is_behind_proxy)
    sent = h11.Connection(h11.CLIENT).send(passed)
    parsed = next(RequestParser(Config(), iter([sent]), PEER))
    environ: dict[str, object] = create(parsed, None, PEER, "web.sock", Config())[1]
    return environ


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("/sign-in/", ()),
        ("/sign-in/?next=/cases/", ()),
        ("/%73ign-in/", ()),
        ("/sign-in%2F", ()),
        ("http://x/sign-in/", ()),
        ("HTTPS://x:443/sign-in/?a://b", ()),
        ("//sign-in/", ()),
        ("//x/sign-in/", ()),
        ("/x/sign-in/", ("SCRIPT_NAME: /x",)),
        ("/x/sign-in/", ("Script_Name: /x",)),
        ("/page", ("PATH_INFO: /sign-in/",)),
        ("/sign-in/", ("X-HTTP-Method-Override: GET",)),
        ("/page?x=http://x/sign-in/", ()),
        ("/sign-in/;x", ()),
        ("/./sign-in/", ()),
        ("/sign-in/?#", ()),
        ("/sign-in/#x", ()),
        ("x:/sign-in/", ()),
        ("x://y/sign-in/", ()),
        ("http:/sign-in/", ()),
        ("http://a@x/sign-in/", ()),
        ("http://x?/sign-in/", ()),
        ("*", ()),
        ("x:443", ()),
    ],
)
def test_no_form_of_a_target_is_a_sign_in_for_the_pages_and_another_page_for_the_front(
    target: str, more: tuple[str, ...]
) -> None:
    try:
        request = read(f"POST {target} HTTP/1.1", "Host: x", *more)
    except requests.UnreadableHead:
        return
    environ = environ_behind(request)
    assert environ["SCRIPT_NAME"] == ""
    assert requests.is_sign_in(request) == (str(environ["PATH_INFO"]).encode() in requests.SIGN_IN_PATHS)


@pytest.mark.parametrize("method", ["post", "Post", "pOST"])
def test_a_method_in_small_letters_is_refused_because_django_reads_it_as_a_large_one(method: str) -> None:
    with pytest.raises(requests.UnreadableHead):
        read(f"{method} /sign-in/ HTTP/1.1", "Host: x")


def test_the_host_of_a_target_counts_in_place_of_the_header() -> None:
    for target, path, host in (
        ("http://cases.test/page?a=1", "/page?a=1", b"cases.test"),
        ("http://cases.test", "/", b"cases.test"),
        ("http://cases.test?a=1", "/?a=1", b"cases.test"),
    ):
        request = read(f"GET {target} HTTP/1.1", "Host: other.test")
        assert (request.target, dict(request.headers)[b"host"]) == (path.encode(), host)
        assert environ_behind(request)["HTTP_HOST"] == host.decode()


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "content-length: 0"),
        ("TRANSFER-ENCODING: chunked", "CONTENT-LENGTH: 5"),
    ],
)
def test_a_body_with_two_lengths_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(requests.UnreadableHead):
        read("POST / HTTP/1.1", "Host: x", *lines)


def test_chunks_of_an_old_protocol_that_has_none_are_refused() -> None:
    with pytest.raises(requests.UnreadableHead):
        read("POST / HTTP/1.0", "Host: x", "Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    "line",
    [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Content-Length: 5 6",
        "Content-Length: -1",
        "Content-Length : 5",
        " Content-Length: 5",
        "Content-Length\t: 5",
        "X-A: a\0b",
        "X-A: a\rTransfer-Encoding: chunked",
        "Host: y",
        "(x): 1",
        "no colon",
        ": 1",
    ],
)
def test_a_head_that_is_not_of_the_protocol_is_refused(line: str) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        read("POST / HTTP/1.1", line, "Host: x")


def test_a_folded_line_is_one_header_for_both() -> None:
    for name in ("Transfer-Encoding: chunked", "Content-Length: 5", "X-Forwarded-For: 10.0.0.1"):
        request = read("GET / HTTP/1.1", "Host: x", "X-A: 1", f"\t{name}")
        assert b"transfer-encoding" not in dict(request.headers)
        environ = environ_behind(request)
        assert environ["HTTP_X_A"] == f"1 {name}"
        assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_no_header_of_a_client_becomes_one_of_ours_or_changes_the_path(is_behind_proxy: bool) -> None:
    claims = (
        "X_Forwarded_For: 10.0.0.1",
        "X-Forwarded_For: 10.0.0.1",
        "x-FORWARDED-for: 10.0.0.1",
        "Forwarded: for=10.0.0.1",
        "X-Real-IP: 10.0.0.1",
        "X_Forwarded_Proto: https",
        "X-Forwarded-Protocol: ssl",
        "X-Forwarded-Ssl: on",
        "X-Forwarded-Host: other.test",
        "X-Forwarded-Prefix: /x",
        "SCRIPT_NAME: /x",
        "PATH_INFO: /x",
        "REMOTE_USER: ana",
        "Content_Length: 5",
        "Transfer_Encoding: chunked",
        "Host_: other.test",
        "X.Forwarded.For: 10.0.0.1",
        "Proxy-Connection: x",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAAP__",
        "TE: trailers",
        "Trailer: X-Forwarded-For",
        "Expect: 100-continue",
        "Connection: upgrade, HTTP2-Settings, keep-alive",
    )
    environ = environ_behind(read("GET / HTTP/1.1", "Host: x", *claims), is_behind_proxy=is_behind_proxy)
    given = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_", "REMOTE_"))}
    assert given == {
        "HTTP_HOST": "x",
        "HTTP_X_FORWARDED_FOR": "192.0.2.7",
        "HTTP_CONNECTION": "close",
        "REMOTE_ADDR": "",
    }
    assert (environ["wsgi.url_scheme"], environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("http", "", "/")


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        (("X-Forwarded-Proto: https",), "https"),
        (("X-Forwarded-Proto: https", "X-Forwarded-Proto: http"), "http"),
        (("X-Forwarded-Proto: https, http",), "http"),
        (("X-Forwarded-Proto: https", "Connection: X-Forwarded-Proto"), "https"),
        (("X-Forwarded-Proto: ftp",), None),
    ],
)
def test_behind_the_proxy_its_own_scheme_counts_and_no_earlier_claim(lines: tuple[str, ...], scheme: str) -> None:
    request = read("GET / HTTP/1.1", "Host: x", *lines)
    assert environ_behind(request, is_behind_proxy=True).get("HTTP_X_FORWARDED_PROTO") == scheme
    assert environ_behind(request).get("HTTP_X_FORWARDED_PROTO") is None


def test_what_a_client_names_as_of_this_hop_is_not_passed_on_but_cookie_and_host_are() -> None:
    hop = ("Connection: close, X-Secret , HOST", "connection: Cookie, X-Forwarded-For", "X-Secret: 1", "Cookie: a=b")
    environ = environ_behind(read("GET / HTTP/1.1", "Host: x", *hop))
    assert "HTTP_X_SECRET" not in environ
    assert (environ["HTTP_COOKIE"], environ["HTTP_HOST"], environ["HTTP_X_FORWARDED_FOR"]) == ("a=b", "x", "192.0.2.7")


@in_loop
async def test_a_head_in_one_piece_counts_with_its_separators_and_a_short_one_passes() -> None:
    async with front(header_bytes=4096) as rig:
        for lines, status in ((["a: b"] * 1000, 431), ([f"X-A: {'a' * 5000}"], 431), (["a: b"] * 500, 200)):
            client = await rig.connect()
            client.send("GET /page HTTP/1.1", "Host: x", *lines)
            assert (await client.answer())[0] == status
        client = await rig.connect()
        client.send(f"GET /{'x' * 5000} HTTP/1.1", "Host: x")
        assert (await client.answer())[0] == 431


@in_loop
async def test_a_head_in_many_pieces_is_refused_before_it_is_whole() -> None:
    async with front() as rig:
        client = await rig.connect()
        client.writer.write(b"GET /page HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 2500)
        assert (await client.answer())[0] == 431
        endless = await rig.connect()
        endless.writer.write(b"GET /" + b"x" * 20_000)
        assert (await endless.answer())[0] == 431
        assert rig.server.seen == []


@in_loop
async def test_after_a_refused_head_nothing_that_follows_on_the_connection_is_read() -> None:
    second = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
    async with front() as rig:
        for lines in (
            ("POST /page HTTP/1.1", "Host: x", "Content-Length: 5", "Transfer-Encoding: chunked"),
            ("POST /page HTTP/1.0", "Host: x", "Transfer-Encoding: chunked"),
            ("POST /page#x HTTP/1.1", "Host: x", "Content-Length: 0"),
            ("post /sign-in/ HTTP/1.1", "Host: x", "Content-Length: 0"),
            ("CONNECT x:443 HTTP/1.1", "Host: x"),
        ):
            client = await rig.connect()
            client.send(*lines, body=b"0\r\n\r\n" + second)
            assert (await client.answer())[0] == 400, lines
            assert await client.is_cut()
        assert rig.server.seen == []


@in_loop
async def test_trailers_reach_no_page_and_the_request_after_them_is_its_own() -> None:
    async with front() as rig:
        client = await rig.connect()
        trailers = b"0\r\nX-Forwarded-For: 10.0.0.1\r\nCookie: session_token=open\r\nContent-Length: 9\r\n\r\n"
        client.send("POST /one HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n" + trailers)
        client.send("GET /two HTTP/1.1", "Host: x")
        first, second = [(await client.answer())[1] for _ in range(2)]
        assert b'"size": 3' in first
        assert b"10.0.0.1" not in first + second
        assert b"session_token" not in first + second
        assert rig.server.seen == ["/one", "/two"]


@in_loop
async def test_a_request_within_a_body_is_a_body() -> None:
    async with front() as rig:
        inner = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
        client = await rig.connect()
        client.send("POST /one HTTP/1.1", "Host: x", f"Content-Length: {len(inner)}", body=inner)
        assert b'"size": %d' % len(inner) in (await client.answer())[1]
        get = await rig.connect()
        get.send("GET /two HTTP/1.1", "Host: x", f"Content-Length: {len(inner)}", body=inner)
        assert b'"size": %d' % len(inner) in (await get.answer())[1]
        assert rig.server.seen == ["/one", "/two"]


@in_loop
async def test_a_wish_to_change_the_protocol_is_answered_in_this_one() -> None:
    async with front() as rig:
        for name in ("h2c", "websocket"):
            client = await rig.connect()
            answer = await client.get("/page", f"Upgrade: {name}", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
            assert "upgrade" not in answer["headers"]  # type: ignore[operator]


@in_loop
async def test_a_large_body_is_refused_before_the_client_is_asked_to_go_on() -> None:
    async with front(guest_body=1000) as rig:
        client = await rig.connect()
        client.send("POST /upload HTTP/1.1", "Host: x", "Content-Length: 1001", "Expect: 100-continue")
        assert (await client.reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")
        for wish, old in (("200-ok", "1.1"), ("100-continue", "1.0")):
            client = await rig.connect()
            client.send(f"POST /upload HTTP/{old}", "Host: x", "Content-Length: 3", f"Expect: {wish}", body=b"abc")
            assert b'"size": 3' in (await client.answer())[1], "what is not known is not waited for"


@in_loop
async def test_a_head_of_bare_line_feeds_is_passed_on_with_whole_line_ends() -> None:
    async with front() as rig:
        client = await rig.connect()
        client.writer.write(b"GET /page HTTP/1.1\nHost: x\n\nGET /second HTTP/1.1\nHost: x\n\n")
        assert b'"/page"' in (await client.answer())[1]
        assert b'"/second"' in (await client.answer())[1]
        assert rig.server.seen == ["/page", "/second"]
