"""The broker (Valkey or Redis) as two stores: keys, values and logged commands; the memory of its process."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis

from caseapp.tools.seal_scan.containers import PIECE
from caseapp.tools.seal_scan.controls import Controls, rows
from caseapp.tools.seal_scan.tally import StoreUnreadable, Tally

PREFIX = b"seal-scan-control:"
# The server keeps arguments of slow and of large commands.
LOGS = (
    ("SLOWLOG", "GET", "-1"),
    *(("COMMANDLOG", "GET", "-1", kind) for kind in ("slow", "large-request", "large-reply")),
    ("CLIENT", "LIST"),
    ("ACL", "LOG", "1000"),
)
MEMORY_NAMES = ("valkey", "redis", "keydb")
READERS: dict[bytes, str] = {
    b"string": "GET", b"list": "LRANGE", b"hash": "HGETALL", b"set": "SMEMBERS", b"zset": "ZRANGE", b"stream": "XRANGE"
}  # fmt: skip
RANGES = {"LRANGE": ("0", "-1"), "ZRANGE": ("0", "-1", "WITHSCORES"), "XRANGE": ("-", "+")}


class Queue:
    """Store of all keys of all numbered databases. Values are read by type: DUMP would return them packed (LZF)."""

    name = "broker"

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def planted(self, controls: Controls) -> Iterator[None]:
        """Set a key for every few forms, and delete the keys by name at the end."""
        keys: list[bytes] = []
        try:
            with _client(self.url) as client:
                try:
                    for control in controls.planted:
                        with client.pipeline(transaction=False) as pipe:
                            for row in rows(control):
                                keys.append(PREFIX + controls.run.encode() + b":%d" % len(keys))
                                pipe.set(keys[-1], row, ex=3600)  # expires even if this process is killed
                            pipe.execute()
                    yield
                finally:
                    for start in range(0, len(keys), 500):
                        client.delete(*keys[start : start + 500])
        except redis.RedisError as problem:
            raise StoreUnreadable(f"{self.name}: {type(problem).__name__}") from None

    def read(self, tally: Tally) -> None:
        """Search keys, values, the slow log and the list of clients."""
        with _client(self.url) as client:
            for number in sorted({0, *(int(name[2:]) for name in client.info("keyspace"))}):
                self._read_database(number, tally)
            for command in LOGS:
                with suppress(redis.ResponseError):  # an older server does not know all of them
                    tally.read(" ".join(command).lower(), b"\n".join(_flat(client.execute_command(*command))))
            settings = client.config_get("dir", "dbfilename", "appendonly", "save")
            self._tell_of_files(settings, tally)

    def missed(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed."""
        return controls.missed(tally.seen)

    def _read_database(self, number: int, tally: Tally) -> None:
        with _client(self.url, db=number) as client:
            stream = tally.stream(f"database {number}")
            for key in client.scan_iter(count=1000):
                command = READERS.get(client.type(key))
                if command is None:
                    tally.not_scanned(f"database {number}", "a key of an unknown type")
                    continue
                answer = client.execute_command(command, key, *RANGES.get(command, ()))
                content = b"\n".join([key, *_flat(answer), b""])
                tally.scanned += len(content)
                stream.feed(content)
            stream.close()

    def _tell_of_files(self, settings: dict[str, str], tally: Tally) -> None:
        if settings.get("save") or settings.get("appendonly") == "yes":
            tally.not_scanned(
                "files", 'the broker keeps its queue on disk, packed with LZF: set `save ""`, `appendonly no`'
            )


class Memory:
    """Store of the memory of the broker's process, which includes values that were deleted long ago."""

    name = "broker-memory"

    def __init__(self, url: str) -> None:
        self.url = url
        self._queue = Queue(url)
        self._queue.name = self.name

    def planted(self, controls: Controls) -> Any:
        """Plant the same keys as `BrokerKeys`."""
        return self._queue.planted(controls)

    def missed(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed."""
        return controls.missed(tally.seen)

    def read(self, tally: Tally) -> None:
        """Search every page that the process can write to."""
        pid = self._pid()
        try:
            maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
            with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
                for line in maps:
                    span, rights, *_ = line.split()
                    if rights.startswith("rw") and not line.endswith("[vvar]"):
                        start, end = (int(edge, 16) for edge in span.split("-"))
                        _read_region(memory, start, end, tally)
        except OSError as problem:
            raise StoreUnreadable(f"{self.name}: {problem.strerror} (run as root, or --skip {self.name})") from None

    def _pid(self) -> int:
        host = urlsplit(self.url).hostname
        with _client(self.url) as client:
            pid = int(client.info("server")["process_id"])
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
        except OSError:
            name = ""
        if host not in {None, "127.0.0.1", "localhost", "::1"} or not name.startswith(MEMORY_NAMES):
            raise StoreUnreadable(f"{self.name}: the broker does not run on this machine (--skip {self.name})")
        return pid


def _client(url: str, db: int | None = None) -> Any:  # redis types its client for answers as text
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise StoreUnreadable("broker: only Valkey and Redis can be read")
    client = redis.Redis.from_url(url, socket_connect_timeout=5, protocol=2)
    if db is not None:
        client.connection_pool.connection_kwargs["db"] = db
    return client


def _flat(answer: Any) -> Iterator[bytes]:
    if isinstance(answer, bytes):
        yield answer
    elif isinstance(answer, dict):
        for key, value in answer.items():
            yield from _flat(key)
            yield from _flat(value)
    elif isinstance(answer, list | tuple | set):
        for part in answer:
            yield from _flat(part)
    else:
        yield str(answer).encode()


def _read_region(memory: Any, start: int, end: int, tally: Tally) -> None:
    stream = tally.stream(f"{start:x}")
    memory.seek(start)
    while start < end:
        try:
            piece = memory.read(min(PIECE, end - start))
        except OSError:  # a page that the kernel does not show, such as a guard page
            break
        if not piece:
            break
        stream.feed(piece)
        tally.scanned += len(piece)
        start += len(piece)
    stream.close()
