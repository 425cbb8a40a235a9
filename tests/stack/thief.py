"""What a seizure takes: every sealed value with its row, every stored file, every secret of the server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql

from tests.helpers.attacker import Sealed, keys_from, opened

OPERATIONAL = {
    "reminders_plan_a", "reminders_plan_b", "reminders_fire", "reminders_channel", "reminders_delivery",
    "reminders_census", "reminders_waiting_mail",
}  # fmt: skip


def secrets_of(root: Path) -> dict[str, bytes]:
    """Name and bytes of every key file."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted((root / "secrets").rglob("*")) if p.is_file()}


def rows_of(address: str) -> Iterator[Sealed]:
    """Every bytea value of every table, with the rest of its row. As superuser: no row is hidden from a thief."""
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "SELECT c.relname, array_agg(a.attname::text) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
            " AND a.atttypid = 'bytea'::regtype AND a.attnum > 0 GROUP BY 1"
        ).fetchall()
        for table, columns in tables:
            cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            names = [column.name for column in cursor.description or ()]
            for values in cursor:
                row = dict(zip(names, values, strict=True))
                for column in columns:
                    if row[column]:
                        yield Sealed(f"{table}.{column}", row, bytes(row[column]))


def files_of(root: Path, org: UUID) -> Iterator[Sealed]:
    """Every stored file."""
    for path in sorted((root / "blobs").rglob("*")):
        if path.is_file():
            yield Sealed(f"blob {path.name[:6]}", {"org_id": org, "id": UUID(hex=path.name)}, path.read_bytes())


def loot(root: Path, address: str) -> tuple[list[Sealed], dict[str, bytes]]:
    """All of it."""
    rows = [_with_half(root, thing) for thing in rows_of(address)]
    org = next(thing.id("org_id") for thing in rows if thing.where.startswith("vault_record"))
    return [*rows, *files_of(root, org)], secrets_of(root)


def _with_half(root: Path, thing: Sealed) -> Sealed:
    """A case's wraps together with its shred half: the thief has that folder too."""
    half = root / "secrets/shred/cases" / thing.id("case_id").hex
    return replace(thing, row={**thing.row, "half": half.read_bytes()}) if half.exists() else thing


def what_opens(things: list[Sealed], secrets: dict[str, bytes]) -> set[str]:
    """Tables (or files) of which something opened."""
    return {thing.where.split(".")[0] for thing, _ in opened(things, keys_from(secrets.values()))}
