"""Database roles, their grants and row-level security, which `caseapp migrate` brings up to date.

The owner migrates; the web role reads and writes rows of one office at a time; the clock role (worker and beat) sees
the operational tier only. Everything in this module can be run again at any time, with the same result.
"""

from collections.abc import Iterator
from typing import Any, Protocol, cast

import psycopg
from psycopg import sql

from caseapp.cli.stack.data_folder import ROLES, CannotStart, DataFolder
from caseapp.lib.service_urls import read_database

# Read before the office is known; their contents decrypt nothing (`accounts/models.py`).
NO_ROW_SECURITY = {"accounts_door", "accounts_hook", "accounts_session", "accounts_throttle", "vault_removed"}
READ_ONLY = {"vault_removed"}  # written by the owner alone (`caseapp office remove`)
APPEND_ONLY = {"audit_entry", "audit_hour", "audit_case", "audit_checkpoint"}
CLOCK_TABLES = {
    "audit_entry": "SELECT",
    "audit_hour": "SELECT",
    "audit_checkpoint": "SELECT, INSERT",
    "accounts_session": "SELECT, DELETE",
    "accounts_throttle": "SELECT, DELETE",
    "accounts_destruction": "SELECT, DELETE",
    "accounts_return": "SELECT (org_id, id, expires_at), DELETE",
    "accounts_stop": "SELECT (org_id, id, received_on), DELETE",
    "accounts_draft": "SELECT (org_id, id, gone_on), DELETE",
    "accounts_form": "SELECT (org_id, id, gone_on), DELETE",
    "moving_import": "SELECT (org_id, id, gone_on), DELETE",
    "moving_part": "SELECT (org_id, import_id, number), DELETE",
    "moving_file": "SELECT, DELETE",
    "vault_blob": "SELECT, DELETE",
    "vault_removed": "SELECT",
    "index_head": "SELECT (org_id, pack_version)",  # which offices are not yet recomputed with the current rules
    "django_migrations": "SELECT",
}
# A page whose statement takes longer is answered with 503, and a stuck web process loses its locks.
ROLE_TIMEOUTS = {ROLES["web"]: {"statement_timeout": "60s", "idle_in_transaction_session_timeout": "5min"}}
LOCK_TIMEOUT = "10s"  # of an upgrade, for each lock of a table that another program uses
UPGRADE_LOCK = 0x0CA5EA99_0000_0009  # advisory lock: one upgrade at a time
IS_CURRENT_OFFICE = "org_id = nullif(current_setting('caseapp.org', true), '')::uuid"

TABLES_QUERY = """
    SELECT c.relname, EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"""
SEALED_COLUMNS_QUERY = """
    SELECT c.relname, a.attname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.atttypid = 'bytea'::regtype
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget IS DISTINCT FROM 0"""


class Cursor(Protocol):
    """The methods that psycopg's and Django's cursors have in common."""

    def execute(self, query: sql.Composed | sql.SQL, /) -> object: ...
    def fetchall(self) -> list[tuple[str, bool | str]]: ...


def clock_grant(table: str) -> str | None:
    """Return the rights of the clock role on a table, or None."""
    if table.startswith("reminders_"):
        return "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
    return CLOCK_TABLES.get(table)


def tables_with_row_security(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[str]:
    """Return the tables that row-level security limits to the rows of one office."""
    tables = connection.execute(TABLES_QUERY).fetchall()
    return [str(name) for name, has_org_id in tables if has_row_security(str(name), bool(has_org_id))]


def has_row_security(table: str, has_org_id: bool) -> bool:
    """Return whether row-level security limits a table to the rows of one office."""
    return has_org_id and table not in NO_ROW_SECURITY


def secure_roles(cursor: object) -> None:
    """Grant the roles their rights and force row-level security, as the owner, in the caller's transaction.

    cursor  a psycopg cursor, or Django's
    """
    ask = cast(Cursor, cursor)
    ask.execute(sql.SQL(TABLES_QUERY))
    tables = [(str(name), bool(has_org_id)) for name, has_org_id in ask.fetchall()]
    ask.execute(sql.SQL("SELECT current_database(), false"))
    secure_database(cursor, str(ask.fetchall()[0][0]))
    for name, has_org_id in tables:
        for statement in _table_grants(name):
            ask.execute(statement)
        if has_row_security(name, has_org_id):
            for statement in _row_security(name):
                ask.execute(statement)
    # pg_statistic keeps samples of column values: no sealed value, tag or session key may be sampled.
    ask.execute(sql.SQL(SEALED_COLUMNS_QUERY))
    for name, column in ask.fetchall():
        unsampled = sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS 0")
        ask.execute(unsampled.format(sql.Identifier(name), sql.Identifier(str(column))))


def secure_database(cursor: object, name: str) -> None:
    """Grant our roles their rights on the database `name` and its schema, and no other role any.

    cursor  as for `secure_roles`; connected to that database
    """
    for grant in _database_grants(name):
        cast(Cursor, cursor).execute(grant)


def secure_copied_database(url: str, name: str) -> None:
    """Grant the roles their rights on a database that was copied: those are not copied with it."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        secure_database(connection.cursor(), name)


def _database_grants(name: str) -> Iterator[sql.Composed]:
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in ROLES.values())
    # No other role may connect, and none may create temporary tables: those are plaintext files.
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), roles)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format()
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(roles)
    yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(roles)


def _table_grants(name: str) -> Iterator[sql.Composed]:
    table = sql.Identifier(name)
    web, clock = sql.Identifier(ROLES["web"]), sql.Identifier(ROLES["clock"])
    yield sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}, {}").format(table, web, clock)
    rights = "SELECT, INSERT" if name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
    if name.startswith("django_") or name in READ_ONLY:
        rights = "SELECT"
    yield sql.SQL(f"GRANT {rights} ON {{}} TO {{}}").format(table, web)
    if granted := clock_grant(name):
        yield sql.SQL(f"GRANT {granted} ON {{}} TO {{}}").format(table, clock)


def _row_security(name: str) -> Iterator[sql.Composed]:
    table = sql.Identifier(name)
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY").format(table)
    yield sql.SQL("DROP POLICY IF EXISTS office ON {}").format(table)
    yield sql.SQL(f"CREATE POLICY office ON {{}} USING ({IS_CURRENT_OFFICE}) WITH CHECK ({IS_CURRENT_OFFICE})").format(
        table
    )
    yield sql.SQL("DROP POLICY IF EXISTS clock ON {}").format(table)
    if clock_grant(name):
        yield sql.SQL("CREATE POLICY clock ON {} TO {} USING (true)").format(table, sql.Identifier(ROLES["clock"]))


def create_roles_and_database(admin_url: str, name: str, passwords: dict[str, str]) -> None:
    """Create the three roles with these passwords (by `owner`, `web`, `clock`) and the database `name`, if missing.

    Raises CannotStart if the role in `admin_url` may not do that.
    """
    admin = read_database(admin_url, "ADMIN_DATABASE_URL")
    try:
        with psycopg.connect(admin.with_name("postgres").url, autocommit=True, connect_timeout=5) as connection:
            for short, role in ROLES.items():
                _make_role(connection, role, passwords[short])
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                owned = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
                connection.execute(owned.format(sql.Identifier(name), sql.Identifier(ROLES["owner"])))
            handed_over = sql.SQL("ALTER DATABASE {} OWNER TO {}")
            connection.execute(handed_over.format(sql.Identifier(name), sql.Identifier(ROLES["owner"])))
    except psycopg.errors.InsufficientPrivilege:
        raise CannotStart(
            f"The database role {admin.login.user} may not make roles; docs/operations.md says what to do."
        ) from None


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    create = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None
    rights = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION "
    rights += "CREATEDB" if role == ROLES["owner"] else "NOCREATEDB"
    # The verifier is computed here: the password never reaches the server's log or activity view.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL(("CREATE" if create else "ALTER") + f" ROLE {{}} {rights} PASSWORD {{}}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(verifier)))
    for setting, value in ROLE_TIMEOUTS.get(role, {}).items():
        limit = sql.SQL("ALTER ROLE {} SET {} = {}")
        connection.execute(limit.format(sql.Identifier(role), sql.Identifier(setting), sql.Literal(value)))


def read_role_passwords(folder: DataFolder) -> dict[str, str]:
    """Return the roles' passwords from the secrets folder."""
    return {short: folder.password(f"db-{short}") for short in ROLES}


def bring_up_to_date() -> None:
    """Apply migrations, grants and row-level security as the owner, in one transaction. Needs Django.

    Raises what a step raises, OperationalError for a table that another program keeps locked; then nothing is applied.
    """
    from django.core.management import call_command
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with waiting checks cannot be altered
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [UPGRADE_LOCK])
        call_command("migrate", interactive=False, verbosity=0)
        secure_roles(cursor)
