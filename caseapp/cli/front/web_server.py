"""One request to the web server behind the front, on its socket, and its answer piece by piece."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType

import h11

PIECE = 65_536  # bytes read at once


class ServerGone(Exception):
    """The web server does not answer, or broke off its answer."""


class Exchange:
    """One request and its answer. Use with `async with`; leaving it early ends the request for the server too."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._http = h11.Connection(h11.CLIENT)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self.is_cut = False  # the server reads no further

    async def __aenter__(self) -> "Exchange":
        try:
            await self._loop.sock_connect(self._socket, self._path)
        except OSError:
            self._socket.close()
            raise ServerGone from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    async def send(self, event: h11.Event) -> None:
        """Send a part of the request. A server that reads no further is no error: its answer says why."""
        if not self.is_cut and (content := self._http.send(event)):
            try:
                await self._loop.sock_sendall(self._socket, content)
            except OSError:
                self.is_cut = True

    async def next_event(self) -> h11.Response | h11.Data | h11.EndOfMessage:
        """Return the next part of the answer. Raises ServerGone."""
        try:
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._http.receive_data(await self._loop.sock_recv(self._socket, PIECE))
                elif isinstance(event, h11.Response | h11.Data | h11.EndOfMessage):
                    return event
                elif not isinstance(event, h11.InformationalResponse):
                    raise ServerGone
        except (h11.RemoteProtocolError, OSError):
            raise ServerGone from None


class AllBusy(Exception):
    """So many wait for a long transfer already that this one must not keep its thread while it waits."""


class WebServer:
    """The web server: where it listens, and how many requests it has threads for."""

    def __init__(self, path: str, threads: int) -> None:
        self._path = path
        self._threads = asyncio.Semaphore(threads)
        # Long transfers occupy a thread each; some threads always stay for pages.
        spare = max(2, threads // 4)
        self._long = asyncio.Semaphore(max(1, threads - spare))
        self._may_wait = asyncio.Semaphore(spare // 2)  # of those that have a thread while they wait for a long one

    @asynccontextmanager
    async def exchange(self) -> AsyncIterator[Exchange]:
        """Wait for a free thread and open a connection. Raises ServerGone."""
        async with self._threads, Exchange(self._path) as opened:
            yield opened

    @asynccontextmanager
    async def long_transfer(self) -> AsyncIterator[None]:
        """Wait for one of the threads for long transfers."""
        async with self._long:
            yield

    async def wait_with_thread(self, turns: AsyncExitStack, seconds: float) -> None:
        """Make an exchange that has a thread a long transfer until `turns` end. Raises AllBusy, TimeoutError."""
        if self._may_wait.locked():
            raise AllBusy
        async with self._may_wait, asyncio.timeout(seconds):
            await turns.enter_async_context(self.long_transfer())
