"""Malformed and hostile requests to a whole stack: none of what they carry is in any log."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack

NEEDLE = "Tesfahunegn"
CALM = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def post(path: str, body: str, *headers: str) -> str:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers, "Connection: close"]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def get(path: str, *headers: str, version: str = "HTTP/1.1") -> str:
    return "\r\n".join([f"GET {path} {version}", "Host: 127.0.0.1", *headers, "Connection: close"]) + "\r\n\r\n"


def chunked(*pieces: str, headers: tuple[str, ...] = ()) -> str:
    lines = ["POST /sign-in/ HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: chunked", *headers]
    return "\r\n".join(lines) + "\r\n\r\n" + "".join(pieces)


FORM = "Content-Type: application/x-www-form-urlencoded"
HOSTILE = {
    "no HTTP": f"{NEEDLE}\r\n\r\n",
    "a bad request line": f"GET /{NEEDLE} and more HTTP/1.1\r\n\r\n",
    "a bad method": f"{NEEDLE}<> / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": f"{NEEDLE.upper()} / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a bad version": get(f"/{NEEDLE}", version="HTTP/7.9"),
    "a version that is a name": get("/", version=NEEDLE),
    "a header without colon": get("/", NEEDLE),
    "a header with a bad name": get("/", f"{NEEDLE} x: 1"),
    "a header with a NUL": get("/", f"X-Name: {NEEDLE}\0"),
    "a folded header": get("/", "X-Name: a", f" {NEEDLE}"),
    "a header of 20 KB": get("/", f"X-Name: {NEEDLE * 2000}"),
    "300 headers": get("/", *(f"X-{number}: {NEEDLE}" for number in range(300))),
    "a length that is a name": f"POST /sign-in/ HTTP/1.1\r\nHost: x\r\nContent-Length: {NEEDLE}\r\n\r\n",
    "a negative length": "POST /sign-in/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n" + NEEDLE,
    "two lengths": post("/sign-in/", NEEDLE, "Content-Length: 4"),
    "a body cut short": f"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n{FORM}\r\n\r\ne={NEEDLE}",
    "a chunk size that is a name": chunked(f"{NEEDLE}\r\n", "a\r\n0\r\n\r\n"),
    "a chunk without end": chunked(f"b\r\n{NEEDLE}XX", "0\r\n\r\n"),
    "a chunk extension": chunked(f"1;{NEEDLE}={NEEDLE}\r\na\r\n0\r\n\r\n"),
    "a bad trailer": chunked(f"1\r\na\r\n0\r\n{NEEDLE}\r\n\r\n"),
    "an unknown transfer coding": post("/sign-in/", "a", f"Transfer-Encoding: {NEEDLE}"),
    "chunks and a length": post("/sign-in/", f"1\r\n{NEEDLE}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    "an expectation": post("/sign-in/", NEEDLE, f"Expect: {NEEDLE}"),
    "a wrong host": f"GET /{NEEDLE}/ HTTP/1.1\r\nHost: {NEEDLE}.example\r\nConnection: close\r\n\r\n",
    "a host with signs": f"GET /cases/ HTTP/1.1\r\nHost: {NEEDLE}<>\r\nConnection: close\r\n\r\n",
    "no host": f"GET /cases/{NEEDLE}/ HTTP/1.1\r\nConnection: close\r\n\r\n",
    "an address with a host": get(f"http://{NEEDLE}.example/cases/"),
    "a path that is not there": get(f"/cases/{NEEDLE}/"),
    "a path outside": get(f"/static/../../{NEEDLE}"),
    "a path with a NUL": get(f"/cases/%00{NEEDLE}/"),
    "a path that is not UTF-8": get(f"/cases/%ff%fe{NEEDLE}/"),
    "a query": get(f"/sign-in/?next={NEEDLE}&q={quote('é' + NEEDLE)}"),
    "an old address with a token": get(f"/join/{NEEDLE}/"),
    "a form without a token": post("/sign-in/", f"email={NEEDLE}%40x.test&passphrase={NEEDLE}", FORM),
    "a form with another token": post(
        "/sign-in/", f"csrfmiddlewaretoken={NEEDLE}&email={NEEDLE}", FORM, f"Cookie: csrf_token={NEEDLE}"
    ),
    "a form of another site": post("/sign-in/", f"email={NEEDLE}", FORM, f"Origin: https://{NEEDLE}.example"),
    "a referrer": post("/sign-in/", f"email={NEEDLE}", FORM, f"Referer: https://x/{NEEDLE}"),
    "a form of 2,000 fields": post("/sign-in/", "&".join(f"{NEEDLE}{n}=1" for n in range(2000)), FORM),
    "a bad multipart form": post("/sign-in/", f"--x\r\n{NEEDLE}", "Content-Type: multipart/form-data; boundary=y"),
    "a multipart form without boundary": post("/sign-in/", NEEDLE, "Content-Type: multipart/form-data"),
    "an encoding that is a name": post("/sign-in/", NEEDLE, f"Content-Type: text/plain; charset={NEEDLE}"),
    "a cookie": get("/", f"Cookie: session={NEEDLE}; __Host-session={NEEDLE}; csrf_token={NEEDLE}"),
    "a web hook": post(f"/in/{NEEDLE}/", f"From=%2B1212&Body={NEEDLE}", FORM),
    "credentials": get("/cases/", f"Authorization: Basic {NEEDLE}"),
}


@pytest.fixture(scope="module")
def stack() -> Iterator[RunningStack]:
    with data_folder() as root, running_stack(root) as running:
        yield running


def send(port: int, request: str) -> bytes:
    """Return what the server answers, up to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode("utf-8", "surrogateescape"))
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.mark.stack
def test_forty_hostile_requests_leave_nothing_in_any_log(stack: RunningStack) -> None:
    assert len(HOSTILE) >= 40
    port = int(stack.read_state()["ports"]["web"])
    statuses = {}
    for what, request in HOSTILE.items():
        try:
            statuses[what] = send(port, request)[9:12].decode()
        except ConnectionError:
            statuses[what] = "cut"
    assert not [what for what, status in statuses.items() if status.startswith("5") and status != "501"], statuses
    assert send(port, CALM)[9:12] == b"200"
    time.sleep(0.5)  # the supervisor copies what its processes print
    logs = [path for path in stack.root.rglob("*.log*") if path.is_file()]
    said = "\n".join(path.read_text(errors="replace") for path in logs) + stack.terminal_output.read_text()
    assert "gunicorn.error" in said or "web" in {path.stem for path in logs}
    assert NEEDLE.lower() not in said.lower()
