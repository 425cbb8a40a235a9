"""Attacks on a web server by clients that are slow on purpose, and by many sign-ins at once."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

PAUSE = 2.0  # seconds between two bytes or lines of a slow client
AGAIN = 0.2  # seconds after which a client that was cut connects again
READER_BUFFER = 2048  # bytes that the system of a slow reader keeps
Kind = Callable[["AttackTarget"], Coroutine[Any, Any, None]]


class AttackTarget:
    """The server under attack, and the address that the attack is from."""

    def __init__(self, port: int, address: str, *, large_path: str = "/sign-in/") -> None:
        self.port, self.address, self.large_path = port, address, large_path

    async def connect(self, receive_buffer: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a new connection."""
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.setblocking(False)
        connection.bind((self.address, 0))
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        return await asyncio.open_connection(sock=connection, limit=1024)


async def send_slow_head(target: AttackTarget) -> None:
    """Begin a request and send a header every few seconds."""
    reader, writer = await target.connect()
    writer.write(b"GET /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    try:
        while not reader.at_eof():
            writer.write(b"X-Slow: 1\r\n")
            await writer.drain()
            await _pause(reader)
    finally:
        writer.transport.abort()


async def send_slow_body(target: AttackTarget) -> None:
    """Begin a sign-in and send a byte of its form every few seconds."""
    reader, writer = await target.connect()
    writer.write(
        b"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 1000\r\n\r\n"
    )
    try:
        while not reader.at_eof():
            writer.write(b"e")
            await writer.drain()
            await _pause(reader)
    finally:
        writer.transport.abort()


async def stay_silent(target: AttackTarget) -> None:
    """Connect and send nothing."""
    reader, writer = await target.connect()
    try:
        await reader.read(1)
    finally:
        writer.transport.abort()


async def read_slowly(target: AttackTarget) -> None:
    """Request an answer and read a byte of it every few seconds."""
    reader, writer = await target.connect(READER_BUFFER)
    writer.write(f"GET {target.large_path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 20)
    try:
        while await reader.read(1):
            await asyncio.sleep(PAUSE)
    finally:
        writer.transport.abort()


async def _pause(reader: asyncio.StreamReader) -> None:
    """Wait, or return at once when the server ends the connection."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE):
            while await reader.read(1024):
                pass


KINDS: dict[str, Kind] = {
    "slow headers": send_slow_head,
    "slow bodies": send_slow_body,
    "idle connections": stay_silent,
    "slow reading": read_slowly,
}


@contextmanager
def slow_clients(kind: Kind, target: AttackTarget, count: int) -> Generator[None]:
    """Keep so many slow clients connected while the block runs: one that is cut connects again."""
    is_over = threading.Event()

    async def keep_on() -> None:
        while True:
            with suppress(OSError):
                await kind(target)
            await asyncio.sleep(AGAIN)

    async def attack() -> None:
        clients = [asyncio.create_task(keep_on()) for _ in range(count)]
        while not is_over.is_set():
            await asyncio.sleep(0.1)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(attack(),), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def send_sign_ins(target: AttackTarget, count: int) -> list[int]:
    """Send so many sign-ins at once, each for another unknown address. Return the statuses; 0 for none."""
    return asyncio.run(_send_together(target, count))


async def _send_together(target: AttackTarget, count: int) -> list[int]:
    return list(await asyncio.gather(*(_send_sign_in(target, number) for number in range(count))))


async def _send_sign_in(target: AttackTarget, number: int) -> int:
    token = "b" * 32
    email = f"unknown-{target.address}-{number}@bench.invalid"
    form = urlencode({"csrfmiddlewaretoken": token, "email": email, "passphrase": "lantern meadow violet orchard"})
    head = (
        f"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\nCookie: csrf_token={token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\nConnection: close\r\n\r\n"
    )
    try:
        reader, writer = await target.connect()
        writer.write((head + form).encode())
        answer = await reader.read(20)
        writer.transport.abort()
    except OSError:
        return 0
    return int(answer[9:12] or 0)
