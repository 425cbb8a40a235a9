"""What the docs, docstrings and comments show between backticks and looks like our code exists under that name."""

import ast
import io
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.our_names import ROOT, backticked, definitions_in, our_names

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOREIGN = {
    "django.contrib.auth", "celery.current_app", "navigator.credentials.create", "navigator.credentials.get",
    "django.mo",  # what the catalogues are compiled to
    "build/engine/",  # made by `make compose-test`
    "order_smith_45",  # an office's own position, in an example
}  # fmt: skip


@cache
def prose_of(path: Path) -> tuple[tuple[int, str], ...]:
    """Return every docstring and comment of a Python file with the number of its first line."""
    source = path.read_text(encoding="utf-8")
    texts = [
        (node.body[0].lineno, text)
        for node in definitions_in(ast.parse(source))
        if (text := ast.get_docstring(node, clean=False))
    ]
    if "#" in source:
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        texts += [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    return tuple(texts)


def missing_names(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of whatever is shown as code of ours and does not exist."""
    names = our_names()
    for line, shown in backticked(text):
        if shown not in FOREIGN and not names.exists(shown):
            yield line, shown


def test_every_name_of_our_code_in_the_docs_exists() -> None:
    missing = [
        f"{page.relative_to(ROOT)}:{line} `{shown}`"
        for page in PAGES
        for line, shown in missing_names(page.read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_every_name_of_our_code_in_a_docstring_or_comment_exists() -> None:
    missing = [
        f"{path.relative_to(ROOT)}:{start + line - 1} `{shown}`"
        for path in sorted((ROOT / "caseapp").rglob("*.py"))
        if "migrations" not in path.parts
        for start, text in prose_of(path)
        for line, shown in missing_names(text)
    ]
    assert missing == []


@pytest.mark.parametrize(
    "shown",
    [
        "casework/closing.py",  # a room that is gone
        "closing.write_letter",  # a function that a module never had
        "Party.nickname",  # a field that a record does not have
        "forget_everybody()",
        "accounts.doors",
        "SealedLetter" + "Box",
        "casework/",
    ],
)
def test_a_name_that_is_gone_is_noticed(shown: str) -> None:
    assert not our_names().exists(shown)


@pytest.mark.parametrize(
    "shown",
    [
        "casefile.transaction.case_transaction",
        "clock.now()",
        "Keys.groups",
        "deadlines/services/acts.py",
        "caseapp/lib/",
        "secrets/shred/",  # a folder of an installation
        "accounts_member.profile",  # a column
        "us.bia.appeal",  # a rule
        "/trail/",  # an address of a page
        "make check",
    ],
)
def test_a_name_that_exists_and_a_text_that_is_no_name_pass(shown: str) -> None:
    assert our_names().exists(shown)


def test_names_inside_fenced_blocks_are_left_to_the_tests_of_commands() -> None:
    assert list(backticked("`a.b`\n```\n`c.d`\n```\n`e.f`\n")) == [(1, "a.b"), (5, "e.f")]
