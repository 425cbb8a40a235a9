"""An attacker with the database: keeps rows as they are now, and puts them back later, by SQL alone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from django.db import connection
from psycopg import sql

CASE_TABLES = ("vault_record", "vault_case", "vault_past")
INDEX_TABLES = ("index_part", "index_head")
AUDIT_TABLES = ("audit_entry", "audit_hour", "audit_case", "audit_checkpoint")
ID_COLUMNS = {"vault_record": "case_id", "vault_case": "case_id", "vault_past": "case_id"}


@dataclass(frozen=True)
class Kept:
    """Rows of one table with the same value in one column."""

    table: str
    column: str
    value: UUID
    rows: tuple[Mapping[str, Any], ...]


def superuser() -> "psycopg.Connection[Any]":
    """The test's database as superuser: no row is hidden."""
    address = urlsplit(os.environ["CASEAPP_TEST_ADMIN_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    return psycopg.connect(address.geturl(), autocommit=True)


def keep(table: str, column: str, value: UUID) -> Kept:
    with superuser() as thief:
        query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        cursor = thief.execute(query, [value])
        names = [part.name for part in cursor.description or ()]
        return Kept(table, column, value, tuple(dict(zip(names, row, strict=True)) for row in cursor))


def put_back(*kept: Kept) -> None:
    """Delete what the tables have by now and insert the kept rows."""
    with superuser() as thief:
        thief.execute("SET session_replication_role = replica")  # triggers do not stop a superuser
        for group in kept:
            table, column = sql.Identifier(group.table), sql.Identifier(group.column)
            thief.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(table, column), [group.value])
            for row in group.rows:
                names = sql.SQL(", ").join(map(sql.Identifier, row))
                places = sql.SQL(", ").join(sql.Placeholder() * len(row))
                thief.execute(
                    sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, places), list(row.values())
                )


def keep_case(case_id: UUID) -> tuple[Kept, ...]:
    """All rows of one case."""
    return tuple(keep(table, "case_id", case_id) for table in CASE_TABLES)


def keep_records(case_id: UUID) -> tuple[Kept, ...]:
    """The current rows of one case, without its past: an attacker who leaves `vault_past` alone."""
    return (keep("vault_record", "case_id", case_id),)


def keep_head(case_id: UUID) -> tuple[Kept, ...]:
    """The head of one case alone."""
    return (keep("vault_record", "id", case_id),)


def keep_index(group_id: UUID) -> tuple[Kept, ...]:
    """The parts and the head of one group's index."""
    return tuple(keep(table, "group_id", group_id) for table in INDEX_TABLES)


def keep_of_office(org_id: UUID, *tables: str) -> tuple[Kept, ...]:
    """Everything of one office in these tables."""
    return tuple(keep(table, "org_id", org_id) for table in tables)


def flip_byte(group_id: UUID, hi: int | None = None) -> None:
    """Flip one byte in a part of a group's index; the newest by default."""
    with superuser() as thief:
        wanted = hi or thief.execute("SELECT max(hi) FROM index_part WHERE group_id = %s", [group_id]).fetchall()[0][0]
        thief.execute(
            "UPDATE index_part SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)"
            " WHERE group_id = %s AND hi = %s AND chunk = 0",
            [group_id, wanted],
        )
