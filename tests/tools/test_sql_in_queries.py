"""SQL is only in the `queries.py` of the room that owns the table."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

import caseapp
from caseapp.tools.house import product_files

PACKAGE = Path(caseapp.__file__).parent
ALLOWED = {
    "cli/stack/database.py": "makes the roles, their grants and row-level security, before Django runs",
    "vault/seen_versions.py": "a SQLite file of its own, which must not be part of the database that it watches",
}
WITHOUT_DJANGO = {("cli/queries.py", "accounts_door")}  # the set-up link is printed before Django runs
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|TRUNCATE|WITH \w+ AS|SET LOCAL|ALTER|CREATE)\b"
)
CALLS = {"execute", "executemany", "cursor", "raw", "extra", "RawSQL"}
TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN|TRUNCATE)\s+([a-z]+_[a-z_]+)")


# A backup reads and a restore fills every table as the administrator, before Django runs.
WITHOUT_DJANGO |= {("cli/backup/archive/queries.py", table) for table in ("reminders_heartbeat", "vault_blob")}


def texts_of(node: ast.AST) -> Iterator[str]:
    """Yield the text of each string, of an f-string the constant parts joined."""
    inside = {part for joined in ast.walk(node) if isinstance(joined, ast.JoinedStr) for part in joined.values}
    for child in ast.walk(node):
        if isinstance(child, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in child.values)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str) and child not in inside:
            yield child.value


def sql_of(tree: ast.Module) -> list[str]:
    """Return calls that run SQL, and strings that are a statement."""
    calls = [
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    ]
    return [name for name in calls if name in CALLS] + [text for text in texts_of(tree) if STATEMENT.match(text)]


def parsed_files() -> dict[str, ast.Module]:
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in product_files(PACKAGE)}


def test_sql_is_only_in_queries() -> None:
    elsewhere = {
        name: found
        for name, tree in parsed_files().items()
        if not name.endswith("/queries.py") and name not in ALLOWED and (found := sql_of(tree))
    }
    assert elsewhere == {}


def test_queries_name_only_tables_of_their_room() -> None:
    owners = {model._meta.db_table: model._meta.app_label for model in apps.get_models()}
    foreign = {
        (name, table)
        for name, tree in parsed_files().items()
        if name.endswith("/queries.py")
        for text in texts_of(tree)
        for table in TABLE.findall(text)
        if owners.get(table, name.split("/")[0]) != name.split("/")[0]
    }
    assert foreign == WITHOUT_DJANGO


@pytest.mark.parametrize(
    "code",
    [
        'cursor.execute("SELECT 1")',
        "connection.cursor()",
        'Case.objects.raw("SELECT 1")',
        'x = f"DELETE FROM {table} WHERE id = 1"',
        'RawSQL("1", ())',
    ],
)
def test_the_check_notices_sql(code: str) -> None:
    assert sql_of(ast.parse(code))
