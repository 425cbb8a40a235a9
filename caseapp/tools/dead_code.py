"""Find code that no page, command, task or setting uses. `make check` runs it.

vulture reads the product and the tools; the tests and the test plugin do not count as users: code that only tests call
is dead. What templates and dotted names in settings use counts. `docs/dead-code.toml` lists what may stay, and why.
"""

import ast
import keyword
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from vulture import Vulture

PACKAGE = Path(__file__).resolve().parents[1]
KEPT_FILE = PACKAGE.parent / "docs" / "dead-code.toml"
NOT_USERS = ("*/migrations/*", "*/tools/pytest_plugin.py")
MIN_CONFIDENCE = 60  # percent, as vulture counts it: 60 for functions, classes and variables
TEMPLATE_TAG = re.compile(r"\{[%{](.*?)[%}]\}", re.DOTALL)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
DOTTED_NAME = re.compile(r"caseapp(?:\.\w+)*[.:](\w+)")


def find_unused_names(package: Path = PACKAGE) -> dict[str, str]:
    """Return the unused names, such as `index.store.rebuild`, each with its file and line."""
    vulture = Vulture()
    vulture.scavenge([str(package)], exclude=list(NOT_USERS))
    used = sorted({*_names_in_templates(package), *_names_in_settings(package)})
    vulture.scan("\n".join(f"used.{name}" for name in used))
    return {
        _dotted_name(package, Path(item.filename), item.name): f"{item.filename}:{item.first_lineno} ({item.typ})"
        for item in vulture.get_unused_code(min_confidence=MIN_CONFIDENCE)
        if item.typ != "import"  # ruff finds these, and knows annotations in quotes
    }


def _dotted_name(package: Path, file: Path, name: str) -> str:
    module = file.resolve().relative_to(package).with_suffix("").parts
    return ".".join((*(part for part in module if part != "__init__"), name))


def _names_in_templates(package: Path) -> Iterator[str]:
    for path in package.rglob("*.html"):
        for tag in TEMPLATE_TAG.findall(path.read_text(encoding="utf-8")):
            yield from (name for name in IDENTIFIER.findall(tag) if not keyword.iskeyword(name))


def _names_in_settings(package: Path) -> Iterator[str]:
    """Yield the last parts of dotted names in strings: Django imports middleware, handlers and others by them."""
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and (whole := DOTTED_NAME.fullmatch(text)):
                yield whole[1]


def read_kept_names(file: Path = KEPT_FILE) -> dict[str, str]:
    """Return the patterns of names that stay although unused, each with its reason."""
    groups = tomllib.loads(file.read_text(encoding="utf-8"))["kept"]
    return {pattern: group["reason"] for group in groups for pattern in group["names"]}


def list_problems(unused: dict[str, str], kept: dict[str, str]) -> list[str]:
    """Return a line for each unused name that is not kept, and for each pattern that keeps nothing."""
    dead = [
        f"{location}: {name} is used nowhere"
        for name, location in sorted(unused.items())
        if not any(fnmatchcase(name, pattern) for pattern in kept)
    ]
    idle = [
        f"docs/dead-code.toml: {pattern} keeps nothing: take it out"
        for pattern in kept
        if not any(fnmatchcase(name, pattern) for name in unused)
    ]
    return dead + idle


def main() -> int:
    """Print the problems. Return 1 when there are any."""
    problems = list_problems(find_unused_names(), read_kept_names())
    print("\n".join(problems) or "No dead code.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
