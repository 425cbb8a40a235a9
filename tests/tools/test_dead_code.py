"""`make check` names code that nothing uses, and what may stay is on a reviewed list with its reason."""

from pathlib import Path

import pytest

from caseapp.tools import dead_code

KEPT = {"shop.hook": "called by its name"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "caseapp"
    (root / "templates").mkdir(parents=True)
    (root / "shop.py").write_text(
        "def sell() -> None:\n    buy()\n\n\ndef buy() -> None: ...\n\n\ndef hook() -> None: ...\n\n\n"
        "class Line:\n    price = 1\n    colour = 2\n\n\ndef middle() -> None: ...\n\n\n"
        'MIDDLEWARE = ["caseapp.shop.middle"]\nprint(Line, MIDDLEWARE)\n'
    )
    (root / "templates" / "page.html").write_text("<p>colour</p>{% if line.price %}{{ line }}{% endif %}\n")
    return root


def test_there_is_no_dead_code_and_no_idle_entry_on_the_list() -> None:
    assert dead_code.list_problems(dead_code.find_unused_names(), dead_code.read_kept_names()) == []


def test_what_nothing_uses_is_named_and_what_a_template_or_a_setting_uses_is_not(package: Path) -> None:
    unused = dead_code.find_unused_names(package)
    assert set(unused) == {"shop.sell", "shop.hook", "shop.colour"}
    problems = dead_code.list_problems(unused, KEPT)
    assert [line.partition(": ")[2] for line in problems] == [
        "shop.colour is used nowhere",
        "shop.sell is used nowhere",
    ]
    assert "shop.py:1 (function)" in problems[1]


def test_the_test_plugin_does_not_count_as_a_user(package: Path) -> None:
    (package / "tools").mkdir()
    (package / "tools" / "pytest_plugin.py").write_text("from caseapp.shop import sell\n\nsell()\n")
    assert "shop.sell" in dead_code.find_unused_names(package)


def test_an_entry_that_keeps_nothing_is_named(package: Path) -> None:
    problems = dead_code.list_problems({"shop.hook": "shop.py:8 (function)"}, KEPT | {"shop.gone*": "was removed"})
    assert problems == ["docs/dead-code.toml: shop.gone* keeps nothing: take it out"]


def test_every_entry_of_the_list_has_its_reason() -> None:
    kept = dead_code.read_kept_names()
    assert all(len(reason.split()) > 3 for reason in kept.values())
    assert kept["cli.front.server.max_size"].startswith("asyncio reads this")
