"""Measure the shape of the house: `make house` prints each figure with its limit and fails when one is exceeded.

Product code only (`caseapp/` without `tools/` and migrations). The limits come from docs/architecture.md.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NOT_PRODUCT = {"tools", "migrations"}
QUESTION_WORDS = {"who", "whose", "what", "whether", "where", "when", "how", "which"}
# Method names that Django calls: their names are not ours to choose.
DJANGO_HOOKS = {"ready", "clean", "save", "delete", "render", "decompress", "full_clean", "emit", "filter", "format"}
MANY_MODULES_ALLOWED = {"records"}  # one file for each record kind


@dataclass(frozen=True)
class Figure:
    """One measured figure. `measured` and `limit` share the unit that `name` states; more than `limit` is too much."""

    name: str
    measured: float
    limit: float
    examples: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Return whether the figure is within its limit."""
        return self.measured <= self.limit


def product_files(package: Path, suffix: str = ".py") -> list[Path]:
    """Return the product's files with this suffix, sorted."""
    return [p for p in sorted(package.rglob(f"*{suffix}")) if not NOT_PRODUCT & set(p.relative_to(package).parts)]


def measure(package: Path = PACKAGE) -> list[Figure]:
    """Return every figure of the house."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in product_files(package)}
    named = {str(path.relative_to(package)): tree for path, tree in trees.items()}
    return [
        _mutual_imports(named),
        *_function_lengths(named),
        _one_word_names(named),
        _question_docstrings(named),
        _template_lines(package),
        _crowded_folders(package),
        _long_files(package),
        _unformatted_statements(package),
    ]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _mutual_imports(named: dict[str, ast.Module]) -> Figure:
    """Count pairs of rooms that import each other."""
    arrows = set()
    for file, tree in named.items():
        room = file.split("/")[0].removesuffix(".py")
        for node in ast.walk(tree):
            modules = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom) and node.module == "caseapp":
                modules = [f"caseapp.{alias.name}" for alias in node.names]
            arrows |= {(room, name.split(".")[1]) for name in modules if name.startswith("caseapp.")}
    mutual = sorted({tuple(sorted((a, b))) for a, b in arrows if a != b and (b, a) in arrows})
    return Figure("mutual imports between rooms", len(mutual), 0, tuple(f"{a} <-> {b}" for a, b in mutual))


def _function_lengths(named: dict[str, ast.Module]) -> list[Figure]:
    """Measure lines from `def` to the last statement, docstring included."""
    lengths = sorted(
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{file}:{node.lineno} {node.name}")
        for file, tree in named.items()
        for node in _functions(tree)
    )
    too_long = [name for lines, name in lengths if lines > 60]
    return [
        Figure("function lines, 90th percentile", _percentile([lines for lines, _name in lengths]), 18),
        Figure("functions over 60 lines", len(too_long), 0, tuple(too_long)),
    ]


def _one_word_names(named: dict[str, ast.Module]) -> Figure:
    """Measure the share of functions and methods with a name of one word, in percent; dunders and hooks left out."""
    names = [
        (node.name, f"{file}:{node.lineno} {node.name}")
        for file, tree in named.items()
        for node in _functions(tree)
        if not node.name.startswith("__") and node.name not in DJANGO_HOOKS
    ]
    single = [where for name, where in names if "_" not in name.strip("_")]
    share = round(100 * len(single) / max(1, len(names)), 1)
    return Figure("functions and methods named by one word, %", share, 44.9, tuple(_by_room(single)))


def _question_docstrings(named: dict[str, ast.Module]) -> Figure:
    """Count docstrings that open with a question word in place of a verb or noun."""
    opening = []
    for file, tree in named.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                words = (ast.get_docstring(node) or "").split()
                if words and words[0].strip(",.:;").lower() in QUESTION_WORDS:
                    opening.append(f"{file}:{getattr(node, 'lineno', 1)}")
    return Figure("docstrings that open with who, what, whether ...", len(opening), 9, tuple(opening))


def _template_lines(package: Path) -> Figure:
    lengths = [
        len(line)
        for path in product_files(package, ".html")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return Figure("template line length, 90th percentile", _percentile(sorted(lengths)), 110)


def _crowded_folders(package: Path) -> Figure:
    modules = Counter(path.parent for path in product_files(package) if path.name != "__init__.py")
    crowded = sorted(
        f"{folder.relative_to(package)} ({count})"
        for folder, count in modules.items()
        if count > 16 and folder.name not in MANY_MODULES_ALLOWED
    )
    return Figure("folders with more than 16 modules", len(crowded), 0, tuple(crowded))


def _long_files(package: Path) -> Figure:
    long = [
        f"{path.relative_to(package)} ({lines})"
        for path in product_files(package)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    return Figure("files over 400 lines", len(long), 0, tuple(long))


def _unformatted_statements(package: Path) -> Figure:
    """Count `fmt: skip` comments in all of the package, `tools` included: only literal tables keep theirs."""
    places = [
        f"{path.relative_to(package)}:{number}"
        for path in sorted(package.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*fmt:\s*(skip|off)\b", line)
    ]
    return Figure("fmt: skip comments", len(places), 14, tuple(places))


def _percentile(ordered: list[int], share: float = 0.9) -> int:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def _by_room(places: list[str]) -> list[str]:
    """Return how many of the places each room has, most first."""
    rooms = Counter(where.split("/")[0].split(":")[0] for where in places)
    return [f"{room} {count}" for room, count in rooms.most_common()]


def main() -> int:
    """Print every figure. Return 1 when one exceeds its limit; `-v` lists examples of all."""
    figures = measure()
    for figure in figures:
        print(f"{'ok  ' if figure.is_met else 'OVER'} {figure.measured:>7g}  limit {figure.limit:<5g} {figure.name}")
        if figure.examples and (not figure.is_met or "-v" in sys.argv):
            print("      " + "\n      ".join(figure.examples[:20]))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
