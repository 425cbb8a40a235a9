"""`docs/dependencies.md` has a row for each package of the product, and a reason for each one that is pinned."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PAGE = (ROOT / "docs" / "dependencies.md").read_text()


def test_every_package_of_the_product_has_a_row() -> None:
    names = {re.split(r"[\[<>=!~; ]", line)[0] for line in PROJECT["dependencies"]}
    first_cells = " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("|")).lower()
    words = set(re.split(r"[,\s]+", first_cells))
    assert {name for name in names if name.lower() not in words} == set()


def test_the_library_without_releases_is_pinned_with_its_reason() -> None:
    assert "filetype==1.2.0" in PROJECT["dependencies"]
    (row,) = re.findall(r"^\| filetype \|.*$", PAGE, re.MULTILINE)
    assert "pinned to 1.2.0, its last release" in row
