"""A front in this process, before a web server that the test controls, and clients that send what a test says."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import h11

from caseapp.cli.front.front_state import FrontState
from caseapp.cli.front.limits import Limits
from caseapp.cli.front.server import Front
from caseapp.cli.front.web_server import WebServer

OPEN_SESSION = "Cookie: session_token=open"
ENDED_SESSION = "Cookie: session_token=lately"  # or the mark of a sign-out: "ended=lately"
SESSIONS = {"session_token=open": 204, "lately": 410}
PATIENCE = 20  # seconds that a test waits at most


@dataclass
class Clock:
    """A monotonic clock that a test moves."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class PagesServer:
    """A web server that answers what it got as JSON. `/big` is a large answer, `/hold` waits until it is let go."""

    big: int = 1_000_000
    running: int = 0
    most_running: int = 0
    cut_short: int = 0  # requests whose body ended early
    seen: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)  # the addresses of requests that were held, as they began
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self._answer(reader, writer)
        except (OSError, h11.ProtocolError):
            pass
        finally:
            self.running -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        request, size = None, 0
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                content = await reader.read(65_536)
                if not content and request is not None:
                    self.cut_short += 1
                    return
                http.receive_data(content)
            elif isinstance(event, h11.Request):
                request = event
                if request.target == b"/early":
                    break
            elif isinstance(event, h11.Data):
                size += len(event.data)
            else:
                break
        if request is None:
            return
        target = request.target.decode()
        self.seen.append(target)
        headers = {name.decode(): value.decode() for name, value in request.headers}
        if target in {"/hold", "/sign-in/"}:
            self.order.append(headers["x-forwarded-for"])
            await self.let_go.wait()
        status, body = 200, json.dumps({"target": target, "headers": headers, "size": size}).encode()
        if target == "/session":
            cookie = headers.get("cookie", "")
            status, body = next((known for word, known in SESSIONS.items() if word in cookie), 401), b""
        if target == "/big":
            body = b"x" * self.big
        answer = [] if status == 204 else [("Content-Length", str(len(body)))]
        writer.write(http.send(h11.Response(status_code=status, headers=answer)) or b"")
        for start in range(0, 0 if request.method == b"HEAD" else len(body), 65_536):
            writer.write(http.send(h11.Data(data=body[start : start + 65_536])) or b"")
            await writer.drain()
        await writer.drain()


@dataclass
class Client:
    """One connection, with the answers that arrive on it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))

    def send(self, *lines: str, body: bytes = b"") -> None:
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def answer(self, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body of the next answer; status 0 when the connection ends instead."""
        async with asyncio.timeout(PATIENCE):
            if self.http.our_state is h11.DONE:
                self.http.start_next_cycle()
            self.http.send(h11.Request(method=method, target="/", headers=[("Host", "x"), ("Content-Length", "0")]))
            self.http.send(h11.EndOfMessage())
            status, body = 0, b""
            while True:
                event = self.http.next_event()
                if event is h11.NEED_DATA:
                    try:
                        self.http.receive_data(await self.reader.read(65_536))
                    except (OSError, h11.ProtocolError):
                        return 0, b""
                elif isinstance(event, h11.Response):
                    status = event.status_code
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    return status, body
                elif isinstance(event, h11.ConnectionClosed):
                    return 0, b""

    async def get(self, path: str, *headers: str) -> dict[str, object]:
        self.send(f"GET {path} HTTP/1.1", "Host: x", *headers)
        status, body = await self.answer()
        assert status == 200, (status, body)
        told: dict[str, object] = json.loads(body)
        return told

    async def is_cut(self) -> bool:
        """Return whether the other side ended the connection, after reading what it sent."""
        async with asyncio.timeout(PATIENCE):
            try:
                while await self.reader.read(65_536):
                    pass
            except OSError:
                return True
            return True


@dataclass
class Rig:
    state: FrontState
    server: PagesServer
    clock: Clock
    port: int
    clients: list[Client] = field(default_factory=list)

    async def connect(self, address: str = "127.0.0.1") -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
        client = Client(reader, writer)
        self.clients.append(client)
        return client

    async def connect_narrow(self) -> Client:
        """Return a client whose system keeps little of what arrives, so that a reader who waits is noticed."""
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
        self.clients.append(Client(reader, writer))
        return self.clients[-1]

    async def until(self, is_so: object) -> None:
        """Wait until a condition is true."""
        assert callable(is_so)
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                await asyncio.sleep(0.005)

    def states(self) -> list[str]:
        return [known.state for known in self.state.registry.connections]

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and let the front look at it as it does each second."""
        self.clock.seconds += seconds
        self.state.registry.cut_overdue()
        self.state.measure_answers()


@asynccontextmanager
async def front(
    *, threads: int = 4, is_behind_proxy: bool = False, big: int = 1_000_000, **limits: int
) -> AsyncIterator[Rig]:
    """Run a front with these limits until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        path, clock, pages = f"{folder}/s", Clock(), PagesServer(big=big)
        state = FrontState(
            Limits(**{"system_buffer": 8192} | limits), WebServer(path, threads), is_behind_proxy, now=clock
        )
        web = await asyncio.start_unix_server(pages.handle, path)
        listener = socket.create_server(("127.0.0.1", 0))
        running = await Front(state).listen(listener)
        rig = Rig(state, pages, clock, listener.getsockname()[1])
        try:
            yield rig
        finally:
            for client in rig.clients:
                client.writer.transport.abort()
            running.close()
            web.close()
            assert Path(folder).exists()
            await rig.until(lambda: not state.registry.connections)
            kept = [who.budget.used for who in (state.member, state.guest, state.returning)]
            assert kept == [0, 0, 0], "everything is given back"
            assert (state.returning_uploads.used, sum(state.registry.counts.values())) == (0, 0)


async def begin_post(rig: Rig, length: int, *headers: str, path: str = "/upload", address: str = "127.0.0.1") -> Client:
    """Send the head of a POST, and nothing of its body."""
    client = await rig.connect(address)
    client.send(f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *headers)
    return client


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 60))

    del run.__wrapped__  # pytest would see a coroutine
    return run
