"""Small tasks have one helper: nothing else in the product writes them out again."""

import ast
import re
from pathlib import Path

import pytest

import caseapp
from caseapp.tools.house import product_files

PACKAGE = Path(caseapp.__file__).parent
HELPERS = {
    # `rules` is usable alone; `clock_time` compares a local time with its way back.
    "an instant on the clock of a zone": (
        r"\.astimezone\(ZoneInfo\(",
        ("lib/clock.py", "rules/", "ui/forms/clock_time.py"),
    ),
    "base64url without padding": (r"urlsafe_b64", ("lib/base64url.py",)),
    "the keys of a group, one after the other": (
        r"in [\w.]*keys\.held if \w+\.group ==|\.group [!=]= .* in [\w.]*keys\.held",
        ("vault/store.py",),  # knows the keys by a protocol
    ),
}


@pytest.mark.parametrize("task", HELPERS)
def test_a_small_task_has_one_helper(task: str) -> None:
    pattern, allowed = HELPERS[task]
    elsewhere = [
        name
        for path in product_files(PACKAGE)
        if re.search(pattern, path.read_text()) and not (name := str(path.relative_to(PACKAGE))).startswith(allowed)
    ]
    assert elsewhere == []


def test_no_module_takes_a_private_name_from_another() -> None:
    taken = [
        f"{path.relative_to(PACKAGE)}: {alias.name}"
        for path in product_files(PACKAGE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("caseapp")
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert taken == []
