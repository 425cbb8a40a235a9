"""The broker (Valkey or Redis) as two stores: keys, values and logged commands; the memory of its process."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis

from caseapp.tools.seal_scan.containers import READ_SIZE
from caseapp.tools.seal_scan.controls import Controls, split_in_rows
from caseapp.tools.seal_scan.tally import StoreUnreadable, Tally

KEY_PREFIX = b"seal-scan-control:"
# The server keeps arguments of slow and of large commands.
LOG_COMMANDS = (
    ("SLOWLOG", "GET", "-1"),
    *(("COMMANDLOG", "GET", "-1", kind) for kind in ("slow", "large-request", "large-reply")),
    ("CLIENT", "LIST"),
    ("ACL", "LOG", "1000"),
)
BROKER_PROGRAMS = ("valkey", "redis", "keydb")
READ_COMMANDS: dict[bytes, str] = {
    b"string": "GET",
    b"list": "LRANGE",
    b"hash": "HGETALL",
    b"set": "SMEMBERS",
    b"zset": "ZRANGE",
    b"stream": "XRANGE",
}
READ_RANGES = {"LRANGE": ("0", "-1"), "ZRANGE": ("0", "-1", "WITHSCORES"), "XRANGE": ("-", "+")}


class BrokerKeys:
    """Store of all keys of all numbered databases. Values are read by type: DUMP would return them packed (LZF)."""

    name = "broker"

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def plant_controls(self, controls: Controls) -> Iterator[None]:
        """Set a key for every few forms, and delete the keys by name at the end."""
        keys: list[bytes] = []
        try:
            with _open_client(self.url) as client:
                try:
                    for control in controls.planted:
                        with client.pipeline(transaction=False) as pipe:
                            for row in split_in_rows(control):
                                keys.append(KEY_PREFIX + controls.run.encode() + b":%d" % len(keys))
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
        with _open_client(self.url) as client:
            for number in sorted({0, *(int(name[2:]) for name in client.info("keyspace"))}):
                self._read_database(number, tally)
            for command in LOG_COMMANDS:
                with suppress(redis.ResponseError):  # an older server does not know all of them
                    tally.search_bytes(
                        " ".join(command).lower(), b"\n".join(_flatten_answer(client.execute_command(*command)))
                    )
            settings = client.config_get("dir", "dbfilename", "appendonly", "save")
            self._report_files(settings, tally)

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed."""
        return controls.missed_forms(tally.seen)

    def _read_database(self, number: int, tally: Tally) -> None:
        with _open_client(self.url, db=number) as client:
            stream = tally.open_stream(f"database {number}")
            for key in client.scan_iter(count=1000):
                command = READ_COMMANDS.get(client.type(key))
                if command is None:
                    tally.record_unscanned(f"database {number}", "a key of an unknown type")
                    continue
                answer = client.execute_command(command, key, *READ_RANGES.get(command, ()))
                content = b"\n".join([key, *_flatten_answer(answer), b""])
                tally.scanned += len(content)
                stream.feed(content)
            stream.close()

    def _report_files(self, settings: dict[str, str], tally: Tally) -> None:
        if settings.get("save") or settings.get("appendonly") == "yes":
            tally.record_unscanned(
                "files", 'the broker keeps its queue on disk, packed with LZF: set `save ""`, `appendonly no`'
            )


class BrokerMemory:
    """Store of the memory of the broker's process, which includes values that were deleted long ago."""

    name = "broker-memory"

    def __init__(self, url: str) -> None:
        self.url = url
        self._queue = BrokerKeys(url)
        self._queue.name = self.name

    def plant_controls(self, controls: Controls) -> Any:
        """Plant the same keys as `BrokerKeys`."""
        return self._queue.plant_controls(controls)

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed."""
        return controls.missed_forms(tally.seen)

    def read(self, tally: Tally) -> None:
        """Search every page that the process can write to."""
        pid = self._broker_pid()
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

    def _broker_pid(self) -> int:
        host = urlsplit(self.url).hostname
        with _open_client(self.url) as client:
            pid = int(client.info("server")["process_id"])
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
        except OSError:
            name = ""
        if host not in {None, "127.0.0.1", "localhost", "::1"} or not name.startswith(BROKER_PROGRAMS):
            raise StoreUnreadable(f"{self.name}: the broker does not run on this machine (--skip {self.name})")
        return pid


def _open_client(url: str, db: int | None = None) -> Any:  # redis types its client for answers as text
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise StoreUnreadable("broker: only Valkey and Redis can be read")
    client = redis.Redis.from_url(url, socket_connect_timeout=5, protocol=2)
    if db is not None:
        client.connection_pool.connection_kwargs["db"] = db
    return client


def _flatten_answer(answer: Any) -> Iterator[bytes]:
    if isinstance(answer, bytes):
        yield answer
    elif isinstance(answer, dict):
        for key, value in answer.items():
            yield from _flatten_answer(key)
            yield from _flatten_answer(value)
    elif isinstance(answer, list | tuple | set):
        for part in answer:
            yield from _flatten_answer(part)
    else:
        yield str(answer).encode()


def _read_region(memory: Any, start: int, end: int, tally: Tally) -> None:
    stream = tally.open_stream(f"{start:x}")
    memory.seek(start)
    while start < end:
        try:
            piece = memory.read(min(READ_SIZE, end - start))
        except OSError:  # a page that the kernel does not show, such as a guard page
            break
        if not piece:
            break
        stream.feed(piece)
        tally.scanned += len(piece)
        start += len(piece)
    stream.close()
