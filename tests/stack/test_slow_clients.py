"""A whole stack under slow clients: pages go on, and nothing of a cut upload is on disk or in shared memory."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from caseapp.tools.bench.process_memory import _process_tree
from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack
from tests.helpers.visitor import Visitor

NEEDLE = "Tesfahunegn Weldeslassie of Adigrat"
FLOOR_SECONDS = 300  # in place of 30: the uploads are open until the scan ends, on any machine
UPLOADS = {"collected in memory": 3_000_000, "passed on as it arrives": 9_000_000}  # bytes


@pytest.fixture(scope="module")
def stack() -> Iterator[RunningStack]:
    with data_folder() as root, running_stack(root, CASEAPP_LIMITS=f"floor_seconds={FLOOR_SECONDS}") as running:
        yield running


@pytest.fixture(scope="module")
def passphrase(stack: RunningStack) -> str:
    return Visitor(int(stack.read_state()["ports"]["web"]), stack.setup_code).found_office()


@pytest.fixture
def member(stack: RunningStack, passphrase: str) -> Visitor:
    visitor = Visitor(int(stack.read_state()["ports"]["web"]))
    visitor.get("/sign-in/")
    assert visitor.post("/sign-in/", {"email": "ana@office.test", "passphrase": passphrase}).status == 303
    return visitor


def begin_post(port: int, path: str, size: int, kind: str, beginning: bytes, cookies: str = "") -> socket.socket:
    """Send the head of a POST and the beginning of its body, and nothing more."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"
    connection.sendall(f"{head}Cookie: {cookies}\r\n\r\n".encode() + beginning)
    return connection


def begin_upload(member: Visitor, case: str, size: int) -> socket.socket:
    token = member.cookies["csrf_token"]
    beginning = (
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="files"; filename="{NEEDLE}.txt"\r\n\r\n'
    ).encode()
    sent = (NEEDLE + "\n").encode() * (size * 2 // 3 // len(NEEDLE))
    cookies = "; ".join(f"{name}={value}" for name, value in member.cookies.items())
    kind = "multipart/form-data; boundary=b"
    return begin_post(member.port, f"{case}documents/", size, kind, beginning + sent, cookies)


def files_of(stack: RunningStack) -> list[Path]:
    return [path for path in (stack.root / "blobs").rglob("*") if path.is_file()]


def temporary_files(stack: RunningStack) -> list[Path]:
    """Files in temporary folders and shared memory, and every file that a web process has open, deleted ones too."""
    folders = (stack.root / "tmp", stack.root / "run", Path("/dev/shm"))
    named = [path for folder in folders for path in folder.rglob("*")]
    opened = [path for pid in _process_tree(stack.pid_of("web")) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return [path for path in (*named, *opened) if path.is_file() and not str(path.resolve()).startswith("/proc/")]


@pytest.mark.stack
def test_nothing_of_cut_uploads_is_on_disk_or_in_shared_memory_and_pages_go_on(
    stack: RunningStack, member: Visitor, tmp_path: Path
) -> None:
    case = member.new_case("Selam Haile")
    needles = tmp_path / "needles.txt"
    needles.write_text(f"{NEEDLE}\n")
    form = f"email=a%40b.test&passphrase={NEEDLE}".encode()
    shared_before = set(os.listdir("/dev/shm"))
    slow = [begin_upload(member, case, size) for size in UPLOADS.values()]
    slow += [begin_post(member.port, "/sign-in/", 5000, "application/x-www-form-urlencoded", form) for _ in range(30)]
    try:
        stores = [word for name in ("storage", "logs") for word in ("--only", name)]
        scan = stack.run_command("seal-scan", "--needles", str(needles), "--exclude", str(tmp_path), *stores)
        assert scan.returncode == 0, scan.stdout + scan.stderr
        assert not [path for path in temporary_files(stack) if NEEDLE.encode() in path.read_bytes()]
        assert member.get("/cases/").status == 200
        assert member.get("/healthz").status == 200
        for connection in slow:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)  # neither answered nor cut: the scan looked while it was open
    finally:
        for connection in slow:
            connection.close()
    assert not [name for name in set(os.listdir("/dev/shm")) - shared_before if "web" in name]
    give_up = time.monotonic() + 20
    while files_of(stack) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not files_of(stack), "nothing encrypted is left of the cut uploads either"
    assert member.get(f"{case}documents/").status == 200


@pytest.mark.stack
def test_a_form_over_the_limit_before_sign_in_is_refused_by_the_whole_stack(stack: RunningStack) -> None:
    port = int(stack.read_state()["ports"]["web"])
    with closing(begin_post(port, "/sign-in/", 1_000_000, "application/x-www-form-urlencoded", b"e=")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.stack
def test_a_long_text_sent_after_the_end_of_a_session_is_shown_again(member: Visitor) -> None:
    case = member.new_case("Ruth Tesfay")
    text = "Asked the court for an interpreter in Tigrinya. " * 10_000  # 480 kB, ten times what a stranger may send
    in_session = dict(member.cookies)
    assert member.post("/sign-out/", {}).status == 303
    after_sign_out = dict(member.cookies)
    for cookies, status in ((in_session, 401), (after_sign_out, 401), ({"csrf_token": in_session["csrf_token"]}, 413)):
        member.cookies = dict(cookies)
        answer = member.post(f"{case}notes/new/", {"text": text})
        assert answer.status == status
        assert (text.strip() in answer.text) == (status == 401)
