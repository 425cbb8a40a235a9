"""SQL of backup and restore, as the administrator of the database, who sees the rows of every office."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
STEP = 1024 * 1024  # bytes
# Sessions end with a restore; throttles are of the hour; plans open with the day's key only, which is in no backup.
LEFT_OUT = {
    "django_migrations",
    "accounts_session",
    "accounts_throttle",
    "reminders_plan_a",
    "reminders_plan_b",
}
PLAN_TABLES = ("reminders_plan_a", "reminders_plan_b")
RESTORE_MARK = "caseapp restore, not finished"  # comment on the schema `public`
_TABLES = """
SELECT c.relname,
  (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  (SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index i
   CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place)
   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1"""
_SEQUENCES = "SELECT sequencename::text, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
_HEARTBEAT = """
INSERT INTO reminders_heartbeat (name, at) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at"""


def begin_snapshot(connection: Connection) -> None:
    """Begin a transaction whose statements see one state of the database, and that writes nothing."""
    connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def tables(connection: Connection) -> list[tuple[str, list[str], list[str]]]:
    """Return name, columns and columns of the primary key of each table of ours."""
    return [(str(name), list(columns), list(key or ())) for name, columns, key in connection.execute(_TABLES)]


def copy_rows(connection: Connection, table: str, columns: list[str], key: list[str]) -> Iterator[bytes]:
    """Yield a table in PostgreSQL's binary format, in pieces of about 1 MiB, in the order of its random ids."""
    order = sql.SQL(" ORDER BY {}").format(_names(key)) if key else sql.SQL("")
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT binary)")
    buffer = bytearray()
    with connection.cursor() as cursor, cursor.copy(statement.format(_names(columns), _name(table), order)) as rows:
        for row in rows:
            buffer += row
            if len(buffer) >= STEP:
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)


def load_rows(connection: Connection, table: str, columns: list[str], pieces: Iterator[bytes]) -> None:
    """Load what `copy_rows` gave into an empty table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(_name(table), _names(columns))
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for piece in pieces:
            rows.write(piece)


def count_rows(connection: Connection, table: str) -> int:
    """Return the number of rows of a table."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(_name(table))).fetchone()
    return int(row[0]) if row else 0


def empty_table(connection: Connection, table: str) -> None:
    """Remove the rows that a migration put into a table."""
    connection.execute(sql.SQL("TRUNCATE {}").format(_name(table)))


def sequences(connection: Connection) -> dict[str, int | None]:
    """Return the last value of each sequence; None for one that was never used."""
    return {str(name): value for name, value in connection.execute(_SEQUENCES)}


def set_sequence(connection: Connection, name: str, value: int) -> None:
    """Set the last value of a sequence."""
    connection.execute("SELECT setval(%s::regclass, %s)", [sql.Identifier(name).as_string(), value])


def applied_migrations(connection: Connection) -> list[list[str]]:
    """Return (app, name) of each migration, in the order in which they were applied."""
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY id")
    return [[str(app), str(name)] for app, name in rows]


def linked_blobs(connection: Connection) -> list[str]:
    """Return the ids, in hex, of the stored files that belong to a record."""
    rows = connection.execute("SELECT DISTINCT id FROM vault_blob WHERE state = 'linked' ORDER BY 1")
    return [blob_id.hex for (blob_id,) in rows]


def is_linked(connection: Connection, blob_id: str) -> bool:
    """Return whether a stored file belongs to a record now."""
    statement = "SELECT FROM vault_blob WHERE state = 'linked' AND id = %s::uuid"
    return connection.execute(statement, [blob_id]).fetchone() is not None


def beat(connection: Connection, name: str, at: object) -> None:
    """Record an instant under a name that `caseapp doctor` and Today read."""
    connection.execute(_HEARTBEAT, [name, at])


def begin_condition(connection: Connection, name: str, at: object) -> None:
    """Record since when a condition lasts, unless it has begun already."""
    connection.execute(
        "INSERT INTO reminders_heartbeat (name, at) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", [name, at]
    )


def end_condition(connection: Connection, name: str) -> None:
    """Delete the record of a condition that is over."""
    connection.execute("DELETE FROM reminders_heartbeat WHERE name = %s", [name])


def ignore_triggers(connection: Connection) -> None:
    """Let rows be loaded in any order, until the transaction ends."""
    connection.execute("SET LOCAL session_replication_role = replica")


def schema_mark(connection: Connection) -> str:
    """Return the comment on the schema `public`."""
    row = connection.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')").fetchone()
    return str(row[0] or "") if row else ""


def set_schema_mark(connection: Connection, mark: str) -> None:
    """Set the comment on the schema `public`."""
    connection.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(mark)))


def has_database(connection: Connection, name: str) -> bool:
    """Return whether the server has this database."""
    return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def drop_database(connection: Connection, name: str) -> None:
    """Remove a database, if it is there, and end what is connected to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(name)))


def drop_tables(connection: Connection) -> None:
    """Remove all tables of an interrupted restore."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    for (name,) in rows:
        connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(_name(str(name))))
    functions = connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    ).fetchall()
    for (name,) in functions:
        connection.execute(sql.SQL("DROP FUNCTION {}").format(sql.SQL(str(name))))


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _names(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
