"""`docs/leaks.md` publishes everything that the operational key opens and computes, as the code of today has it."""

import ast
import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from caseapp.reminders import queries
from caseapp.reminders.planning import checks
from caseapp.reminders.recipients import Absence, Recipient, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import waiting_mail
from caseapp.vault.core import operational
from caseapp.vault.core.labels import LABELS
from tests.stack.thief import OPERATIONAL

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "caseapp"
HEADING = "## What the operational key opens (L1, L5, L6)\n"
KEY = bytes(range(32))
ORG, ROW, ANA = UUID(int=1), UUID(int=2), UUID(int=3)
# Labels of plans: these rows have a key of their day in place of the operational key.
KEY_OF_A_DAY = {"plan"}


def _section() -> str:
    return (ROOT / "docs" / "leaks.md").read_text().split(HEADING)[1].split("\n## ")[0]


def _rows(columns: str) -> dict[str, list[str]]:
    """Return the cells of the table that begins with these columns, by the first one without backticks."""
    lines = _section().split(f"| {columns} |\n")[1].split("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): rest for first, *rest in cells}


@cache
def _modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return the modules that name the key."""
    sources = {
        path: path.read_text()
        for path in sorted(PACKAGE.rglob("*.py"))
        if "migrations" not in path.parts and "tools" not in path.parts
    }
    return tuple(
        (str(path.relative_to(PACKAGE)), ast.parse(source))
        for path, source in sources.items()
        if "operational_key" in source
    )


def _labels_in(tree: ast.AST) -> set[str]:
    return {
        str(node.slice.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and ast.unparse(node.value).endswith("LABELS")
        and isinstance(node.slice, ast.Constant)
    }


def _is_the_key(node: ast.expr, names: set[str]) -> bool:
    shown = ast.unparse(node)
    return shown.endswith("operational_key()") or shown in names


def _uses_of_the_key() -> Iterator[tuple[str, ast.Call]]:
    """Yield each call that is given the operational key, directly or by a variable of its function."""
    for name, tree in _modules():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            names = {
                ast.unparse(target)
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith("operational_key()")
                for target in node.targets
            }
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and any(_is_the_key(argument, names) for argument in node.args):
                    yield name, node


def test_every_tag_under_the_operational_key_is_published() -> None:
    documented = set(_rows("Label | Computed of | What that shows or allows"))
    source = (PACKAGE / "vault/core/labels.py").read_text()
    of_the_table = set(re.findall(r'^    "([^"]+)": .*# HMAC label under the operational key', source, re.MULTILINE))
    assert documented == of_the_table
    in_code = {
        label
        for _, call in _uses_of_the_key()
        if ast.unparse(call.func).endswith("primitives.mac")
        for label in _labels_in(call.args[1])
    }
    # Two functions are given their label: days are drawn by `is_drawn`, rows of mailed links found by `LinkToken.tag`.
    given = {"other day", "unseen day", "invitation tag", "return tag"}
    assert in_code | given == documented
    assert in_code & given == set()


def test_what_is_done_with_the_operational_key_is_a_tag_or_one_of_three_formats() -> None:
    calls = {ast.unparse(call.func).rpartition(".")[2] for _, call in _uses_of_the_key()}
    assert calls == {
        "mac", "seal_fire", "open_fire", "seal_setting", "open_setting", "seal_log_recipient", "open_log_recipient",
    }  # fmt: skip
    passed_on = [node for _, tree in _modules() for node in ast.walk(tree) if _passes_the_key_on(node)]
    calls_of_the_key = [node for _, tree in _modules() for node in ast.walk(tree) if _is_call_of_the_key(node)]
    assert len(passed_on) == len(calls_of_the_key) > 20, "a use that is neither an argument nor a variable"


def _is_call_of_the_key(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("operational_key")


def _passes_the_key_on(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return any(_is_call_of_the_key(argument) for argument in node.args)
    return isinstance(node, ast.Assign) and _is_call_of_the_key(node.value)


def test_every_column_under_the_operational_key_is_published_with_every_field() -> None:
    rows = _rows("Column | What it opens | Fields")
    assert {column.partition(".")[0] for column in rows} == {
        table for table in OPERATIONAL if not table.startswith("reminders_plan_")
    }
    fields = {column: re.findall(r"`(\w+)`", cells[-1]) for column, cells in rows.items()}
    address = list(ReminderAddress.__struct_fields__)
    absence = list(Absence.__struct_fields__)
    assert fields == {
        "reminders_fire.sealed": [field.name for field in dataclasses.fields(operational.ReminderDay)],
        "reminders_channel.sealed": [
            *RecipientSettings.__struct_fields__, "others", *address, "away", *absence,
        ],
        "reminders_delivery.sealed": ["member"],
        "reminders_census.sealed": list(checks._DaysAhead.__struct_fields__),
        "reminders_waiting_mail.sealed": list(waiting_mail.LinkMail.__struct_fields__),
    }  # fmt: skip


def _day_of(items: int) -> bytes:
    fire = operational.ReminderDay(ANA, 1)
    for number in range(items):
        fire.add_token(number.to_bytes(16, "big"), urgent=False)
    return operational.seal_fire(KEY, ORG, ROW, fire)


def test_the_operational_key_opens_how_many_items_a_day_ever_had_and_the_database_alone_does_not() -> None:
    one, five = _day_of(1), _day_of(5)
    assert len(one) == len(five)
    assert [operational.open_fire(KEY, ORG, ROW, sealed).used for sealed in (one, five)] == [1, 5]
    fire = operational.open_fire(KEY, ORG, ROW, five)
    fire.withdraw_token((2).to_bytes(16, "big"))
    assert fire.used == 5, "what was withdrawn is still counted"


def test_the_operational_key_tells_days_without_items_that_get_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseapp.vault.server_keys.operational_key", lambda: KEY)
    member = Recipient(ORG, ANA, RecipientSettings(address="ana@office.test"))
    days = [dt.date(2026, 12, 1) + dt.timedelta(days=number) for number in range(200)]
    drawn = [day for day in days if queries.is_drawn(member, day, LABELS["other day"])]
    assert 30 < len(drawn) < 90
    monkeypatch.setattr("caseapp.vault.server_keys.operational_key", lambda: bytes(32))
    assert drawn != [day for day in days if queries.is_drawn(member, day, LABELS["other day"])]


def test_the_leak_list_and_the_page_of_reminders_say_that_items_are_counted() -> None:
    security = (ROOT / "docs" / "security.md").read_text()
    (leak,) = re.findall(r"^\| L5 \|.*$", security, re.MULTILINE)
    assert "how many items each day ever had" in leak
    assert "which days have none" in leak
    assert "This list is complete" not in security
    reminders = (ROOT / "docs" / "mechanisms" / "reminders.md").read_text()
    assert "how many places were ever used" in reminders


def test_the_policy_names_the_last_leak_of_the_list() -> None:
    numbers = re.findall(r"^\| L(\d+) \|", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert f"(L1 to L{len(numbers)})" in (ROOT / "SECURITY.md").read_text()
