"""What a thief holds after taking a dump: every row of every table in the order a dump shows it, and the server's keys.

A dump has its rows in physical order (ctid) and no transaction numbers; `written` adds these (xmin), which whoever
takes the disk has too.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.rows import dict_row

Row = dict[str, Any]
XMIN = "xmin"  # a column of `Dump.written` only


@dataclass(frozen=True)
class Dump:
    """All rows by table, in dump order. With `written`, rows carry `xmin`, as a disk would show and no dump does."""

    tables: dict[str, list[Row]]

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]


def take(*, written: bool = False) -> Dump:
    """Everything, as superuser: no row is hidden from a thief. `written`: with each row's transaction number."""
    return Dump({table: list(_rows(table, written=written)) for table in _tables()})


def _admin() -> "psycopg.Connection[Row]":
    address = urlsplit(os.environ["CASEAPP_TEST_ADMIN_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    return psycopg.connect(address.geturl(), row_factory=dict_row)


def _tables() -> list[str]:
    with _admin() as thief:
        found = thief.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1"
        )
        return [str(row["relname"]) for row in found if not str(row["relname"]).startswith("django_")]


def _rows(table: str, *, written: bool) -> Iterator[Row]:
    more = sql.SQL(", xmin::text::bigint AS xmin") if written else sql.SQL("")
    with _admin() as thief:
        # As pg_dump asks, and so that a scan that began elsewhere does not begin in the middle.
        thief.execute("SET synchronize_seqscans = off")
        yield from thief.execute(sql.SQL("SELECT *{} FROM {}").format(more, sql.Identifier(table)))
