"""Rules about imports and names that import-linter and ruff cannot check."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from caseapp.tools.house import PACKAGE

PAGE_MODULES = ("django.http", "django.forms", "django.shortcuts")
FRAMEWORK_CLASSES = {"Meta", "Migration"}
BANNED = {  # language.md, section 4
    "told", "found", "one", "said", "made", "way", "ways", "place", "thing", "data", "info", "obj", "here", "those",
    "of",
}  # fmt: skip
# Names that stay although they are banned, as file:name, each with the reason.
KEPT = {
    "moving/services/importing/shapes.py:made": "field of a stored state",
    "records/history.py:place": "field of a record",
    "accounts/signin/factors.py:way": "field of a stored factor",
    "cases/forms/notices.py:data": "Django's attribute of a form",
    "deadlines/forms/what_if.py:data": "Django's attribute of a form",
    "intake/forms/steps.py:data": "Django's attribute of a form",
    "clients/forms/person_dates.py:data": "Django's attribute of a form",
    "ui/forms/uploads/sealed_files.py:data": "Django's signature of a field",
    "ui/forms/zones.py:data": "Django's signature of a widget",
    "hearings/forms.py:way": "form field that pages and tests post",
    "records/consent.py:way": "field of a stored record",
    "records/contact_attempt.py:place": "field of a stored record",
    "records/contact_attempt.py:way": "field of a stored record",
    "records/hearing.py:way": "field of a stored record",
    "records/party.py:way": "field of a stored record",
    "reminders/models.py:place": "column of a table",
    "tools/bench/twin.py:way": "column of the twin that a bench compares with",
    "tools/seal_scan/tally.py:found": "JSON key of the report",
    "tools/seal_scan/tally.py:place": "JSON key of the report",
    "tools/styleguide/views.py:way": "the field of hearings/forms.py, shown",
    "ui/forms/date_fields.py:data": "Django's signature of a field",
    "ui/forms/country_fields.py:data": "Django's signature of a field",
    "ui/forms/form_saving.py:data": "Django's attribute of a form",
}
GOES = "rules/explain/translate.py:"  # with issue 17, point 4


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the package but the migrations, by its path below it."""
    paths = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {
        name: ast.parse(path.read_text(encoding="utf-8")) for name, path in paths.items() if "/migrations/" not in name
    }


def imported_by(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def named_in(tree: ast.Module) -> Iterator[str]:
    """Yield the names of functions, classes, parameters, variables and aliases, and the attributes that are set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname


def test_services_know_no_requests_forms_or_pages() -> None:
    services = {name: tree for name, tree in modules().items() if "services" in Path(name).with_suffix("").parts}
    assert len(services) > 20
    wrong = [f"{name} imports {module}" for name, tree in services.items() for module in imported_by(tree)
             if module.startswith(PAGE_MODULES)]  # fmt: skip
    assert wrong == []


def test_a_class_name_occurs_once_in_the_program() -> None:
    names = Counter(
        node.name for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1 and name not in FRAMEWORK_CLASSES] == []


def test_no_name_says_nothing() -> None:
    banned = {
        f"{file}:{name}" for file, tree in modules().items() for name in named_in(tree) if name.strip("_") in BANNED
    }
    assert {name for name in banned if not name.startswith(GOES)} == KEPT.keys()


def test_a_logger_is_named_by_its_room() -> None:
    wrong, loggers = [], 0  # loggers of libraries are silenced by their own names
    for file, tree in modules().items():
        for node in ast.walk(tree):
            called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if called == "getLogger" and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
                loggers += 1
                if node.args[0].value not in {f"caseapp.{file.split('/')[0]}", "imapclient", "weasyprint"}:
                    wrong.append(f"{file}: {node.args[0].value!r}")
    assert loggers > 20
    assert wrong == []
