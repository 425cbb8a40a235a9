"""The copy of a database as one stream: each table in binary form, as one snapshot sees it, with count and digest.

FRAME : kind 1 | length u32 | content
        H  JSON: format, migrations [[app, name]], sequences, plans (rows left out that no key opens)
        T  JSON: name, columns     D  bytes of the table     E  JSON: rows, sha256 of its D frames     Z  the end

The tables are made by the program's own migrations, up to those that the copy names, so that an older copy loads into
a newer program. Rows are in the order of their random ids: a copy says nothing about when a row was written.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.queries import Connection
from caseapp.vault.errors import OpenFailed

FORMAT = 1
MAX_FRAME = 64 * 1024 * 1024  # bytes; a longer frame is damage
Migrations = list[list[str]]


def copy_out(connection: Connection) -> Iterator[bytes]:
    """Yield the frames of a copy. `connection`: autocommit, as administrator, inside `queries.begin_snapshot`."""
    plans = sum(queries.count_rows(connection, table) for table in queries.PLAN_TABLES)
    head = {
        "format": FORMAT,
        "migrations": queries.applied_migrations(connection),
        "sequences": queries.sequences(connection),
        "plans": plans,
    }
    yield _frame(b"H", json.dumps(head).encode())
    for table, columns, key in queries.tables(connection):
        if table in queries.LEFT_OUT:
            continue
        yield _frame(b"T", json.dumps({"name": table, "columns": columns}).encode())
        sha = hashlib.sha256()
        for piece in queries.copy_rows(connection, table, columns, key):
            sha.update(piece)
            yield _frame(b"D", piece)
        end = {"rows": queries.count_rows(connection, table), "sha256": sha.hexdigest()}
        yield _frame(b"E", json.dumps(end).encode())
    yield _frame(b"Z", b"")


def copy_in(
    connection: Connection, pieces: Iterable[bytes], prepare_tables: Callable[[Migrations], None]
) -> dict[str, Any]:
    """Load a copy into an empty database and compare counts and digests. Return the head of the copy.

    connection      autocommit, as administrator
    prepare_tables  makes the tables as they were after these migrations
    Raises          BackupRefused (newer program), OpenFailed (damage; the database is then partly filled)
    """
    frames = _Frames(pieces)
    head: dict[str, Any] = json.loads(frames.expect(b"H"))
    if head["format"] > FORMAT:
        raise BackupRefused("This backup was made by a newer program: restore it with that one.")
    prepare_tables(head["migrations"])
    with connection.transaction():
        queries.ignore_triggers(connection)
        known = {name: key for name, _, key in queries.tables(connection)}
        while (content := frames.next_table()) is not None:
            table = json.loads(content)
            if table["name"] not in known:
                raise OpenFailed(f"table {table['name']} is not known")
            _load_table(connection, frames, table["name"], table["columns"], known[table["name"]])
        for name, value in head["sequences"].items():
            if value is not None and not name.startswith("django_migrations"):
                queries.set_sequence(connection, name, value)
    return head


def _load_table(connection: Connection, frames: "_Frames", table: str, columns: list[str], key: list[str]) -> None:
    queries.empty_table(connection, table)
    queries.load_rows(connection, table, columns, frames.contents())
    end = json.loads(frames.expect(b"E"))
    sha = hashlib.sha256()
    for piece in queries.copy_rows(connection, table, columns, key):
        sha.update(piece)
    if (queries.count_rows(connection, table), sha.hexdigest()) != (end["rows"], end["sha256"]):
        raise OpenFailed(f"table {table} differs from the backup")


def _frame(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "big") + content


class _Frames:
    """Reader of the frames of a stream. Zeros after the last one are ignored."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._buffer = bytearray()
        self._ahead: tuple[bytes, bytes] | None = None

    def expect(self, kind: bytes) -> bytes:
        """Return the content of the next frame, which is of this kind. Raises OpenFailed."""
        actual, content = self._next()
        if actual != kind:
            raise OpenFailed("the copy of the database is damaged")
        return content

    def next_table(self) -> bytes | None:
        """Return the next table's head; None at the end, when the whole stream is read and authentic."""
        kind, content = self._next()
        if kind == b"T":
            return content
        if kind != b"Z" or self._buffer.strip(b"\0") or self._has_more():
            raise OpenFailed("the copy of the database is damaged")
        return None

    def _has_more(self) -> bool:
        """Read the stream to its end, which authenticates it. Return whether there is more than zeros."""
        rest = [bool(piece.strip(b"\0")) for piece in self._pieces]
        return any(rest)

    def contents(self) -> Iterator[bytes]:
        """Yield the contents of the D frames that follow."""
        while True:
            kind, content = self._next()
            if kind != b"D":
                self._ahead = (kind, content)
                return
            yield content

    def _next(self) -> tuple[bytes, bytes]:
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return ahead
        head = self._take(5)
        length = int.from_bytes(head[1:], "big")
        if length > MAX_FRAME:
            raise OpenFailed("the copy of the database is damaged")
        return head[:1], self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            piece = next(self._pieces, None)
            if piece is None:
                raise OpenFailed("the copy of the database is cut short")
            self._buffer += piece
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken
