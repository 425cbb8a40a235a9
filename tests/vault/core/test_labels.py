"""`vault/core/labels.py` is the table of every label: none stands elsewhere in the code, and none is idle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from caseapp.vault.core.labels import KEY_LABELS, LABELS

PACKAGE = Path(__file__).resolve().parents[3] / "caseapp"
ROOMS = ("accounts", "audit", "casefile", "documents", "index", "records", "reminders", "ui", "vault")
VERSIONED = re.compile(rb"[a-z][a-z/-]*/[0-9]+")
WORD = re.compile(rb"[a-z]{2}[a-z -]*")
# Bytes that follow a label and say what it is for; the label before them is in the table.
PURPOSES = {
    "accounts/recovery/member.py": {b"lost"},
    "accounts/signin/passkeys.py": {b"register", b"show"},
    "accounts/signin/throttle.py": {
        b"account", b"address", b"check", b"factor", b"failed", b"hook", b"known", b"no hook", b"pair", b"setup",
    },
    "casefile/integrity/findings.py": {b"case", b"index", b"list", b"missing"},
    "ui/requests/flash_cookie.py": {b"code", b"name"},
}  # fmt: skip


def _modules(folders: tuple[str, ...] = ROOMS) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text())


def _bytes_in(tree: ast.Module) -> set[bytes]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, bytes)}


def _labels_in(tree: ast.AST) -> set[str]:
    """Return the names that the code looks up in LABELS."""
    return {
        str(node.slice.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value).endswith("LABELS")
        and isinstance(node.slice, ast.Constant)
    }


def test_no_label_stands_outside_the_table() -> None:
    stray = {
        (name, value)
        for name, tree in _modules()
        if name != "vault/core/labels.py"
        for value in _bytes_in(tree)
        if (VERSIONED.fullmatch(value) or WORD.fullmatch(value)) and value not in PURPOSES.get(name, set())
    }
    assert stray == set()


def test_no_versioned_label_stands_in_any_other_room() -> None:
    others = tuple(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name not in {*ROOMS, "tools"})
    assert {(name, v) for name, tree in _modules(others) for v in _bytes_in(tree) if VERSIONED.fullmatch(v)} == set()


def test_every_label_of_the_table_is_used_and_no_other_is_asked_for() -> None:
    used = {label for name, tree in _modules() if name != "vault/core/labels.py" for label in _labels_in(tree)}
    assert used == set(LABELS)


def test_every_label_that_derives_a_key_is_named_as_one() -> None:
    derived = {
        label
        for name, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "expand"
        for argument in node.args[1:2]
        for label in _labels_in(argument)
    }
    # `bundle.py` calls the library itself, because of the salt; `invitations.py` names its label by a constant.
    assert derived == KEY_LABELS - {"member kek", "invitation key"}


def test_labels_are_told_apart_where_one_key_takes_several() -> None:
    shared = {value for value in LABELS.values() if list(LABELS.values()).count(value) > 1}
    assert shared == {b"wrap"}  # a group's key and a session's token: never the same key
