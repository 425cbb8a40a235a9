"""Every name that the code of this repository defines, so that tests can tell whether the docs name what exists."""

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CODE = ("caseapp", "tests")
NOT_OURS = {".venv", ".git", "build", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "staticfiles"}
BACKTICKED = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
WORD = re.compile(r"[A-Za-z_]\w*")
# `deadlines/services/`, `caseapp/lib/clock.py`: at least one folder, no pattern, and no address (those begin with "/").
PATH = re.compile(r"\.?[A-Za-z_][\w.-]*(/[\w.-]+)*/?")
Definition = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
SUFFIXES = (".py", ".html", ".toml", ".md", ".css", ".js", ".csv", ".json", ".yml", ".yaml")


class OurNames:
    """The files, modules, classes, members, identifiers and texts of this repository."""

    def __init__(self, root: Path = ROOT) -> None:
        self.files = {path.relative_to(root).as_posix() for path in _walk(root)}
        folders = {parent.as_posix() for name in self.files for parent in Path(name).parents if parent.name}
        self.path_ends = {end for name in self.files | folders for end in _ends_of(name)}
        self.identifiers = set(dir(builtins))
        self.texts: set[str] = set()  # of the product only: a test may name what must not exist
        self.tables: set[str] = set()
        self.members: dict[str, set[str]] = {}
        self.classes: dict[str, set[str]] = defaultdict(set)
        for path in (root / name for name in sorted(self.files) if name.endswith(".py") and name.startswith(CODE)):
            self._read(path, _module_name(path, root))
        for path in (root / name for name in sorted(self.files) if "/packs/" in name and name.endswith(".toml")):
            self.texts.add(path.read_text(encoding="utf-8"))
        self.text_words = {word for text in self.texts for word in WORD.findall(text)}
        self.text_names = {match[0] for text in self.texts for match in DOTTED.finditer(text)}

    def _read(self, path: Path, module: str) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node) for node in _docstrings(tree)}
        is_product = module.startswith("caseapp")
        self.members[module] = set(_defined(tree.body, with_imports=path.name == "__init__.py"))
        for node in every_node(tree):
            self.identifiers.update(_identifiers(node))
            if is_product and isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.texts |= {node.value} if id(node) not in docstrings else set()
            if isinstance(node, ast.ClassDef):
                self.classes[node.name].update(_class_members(node))
                if path.name == "models.py":
                    self.tables.add(f"{path.parent.name}_{node.name.lower()}")

    def has_path(self, path: str) -> bool:
        """Return whether a file or folder ends with these parts: `services/acts.py`, `caseapp/lib/`, `closing.py`.

        A folder that a running installation makes (`secrets/shred/`) counts when the code has its parts as texts.
        """
        wanted = path.strip("/").removeprefix("./")
        if wanted in self.path_ends:
            return True
        return not wanted.endswith(SUFFIXES) and set(wanted.split("/")) <= self.texts

    def has_dotted(self, name: str) -> bool:
        """Return whether `module.name`, `Class.member` or `value.attribute` exists, or stands in a text of the code."""
        first, *rest = name.split(".")
        modules = [module for module in self.members if f".{module}.".find(f".{first}.") >= 0]
        if name in self.text_names:
            return True
        if first in self.tables or ("_" in first and first in self.texts):  # a column of a table
            return set(rest) <= self.identifiers
        if modules:
            return any(self._is_in_module(module, name.split(".")) for module in modules)
        if first in self.classes:
            return set(rest) <= self.identifiers and rest[0] in self.classes[first]
        return {first, *rest} <= self.identifiers

    def _is_in_module(self, module: str, parts: list[str]) -> bool:
        """Return whether some of the parts end the module's name and the others are defined in it."""
        for size in range(len(parts), 0, -1):
            if f".{module}".endswith("." + ".".join(parts[:size])):
                rest = parts[size:]
                return not rest or (rest[0] in self.members[module] and set(rest) <= self.identifiers)
        return False

    def has_word(self, word: str) -> bool:
        """Return whether an identifier, a module or a text of the code is or contains this word."""
        return word in self.identifiers or word in self.tables or word in self.text_words

    def exists(self, shown: str) -> bool:
        """Return whether what stands between backticks exists. True for what does not look like code of ours."""
        text = " ".join(shown.split()).partition("(")
        name, is_call = text[0].strip(), bool(text[1])
        if "/" in name or name.endswith(SUFFIXES):
            return not PATH.fullmatch(name) or self.has_path(name) or name in self.texts
        if DOTTED.fullmatch(name):
            return self.has_dotted(name)
        if (
            WORD.fullmatch(name)
            and not name.startswith("__")
            and (is_call or "_" in name or re.search(r"[a-z][A-Z]", name))
        ):
            return self.has_word(name)
        return True


@lru_cache(maxsize=1)
def our_names() -> OurNames:
    """Return the names of this repository, read once in a process."""
    return OurNames()


def backticked(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number and text of whatever stands between backticks, fenced blocks left out."""
    plain = FENCED.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in BACKTICKED.finditer(plain):
        yield plain.count("\n", 0, match.start()) + 1, match[1]


def _ends_of(path: str) -> Iterator[str]:
    parts = path.split("/")
    yield from ("/".join(parts[start:]) for start in range(len(parts)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or path.suffix == ".egg-info":
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def every_node(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield each node of a tree, in no promised order: what `ast.walk` does, in half of its time."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                todo.append(value)
            elif isinstance(value, list):
                todo += [part for part in value if isinstance(part, ast.AST)]


def definitions_in(tree: ast.Module) -> Iterator[Definition]:
    """Yield the module, and each class and function in it. Only statements contain these."""
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Definition):
            yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            todo += getattr(node, name, ())


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in definitions_in(tree):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value


def _defined(body: list[ast.stmt], *, with_imports: bool = False) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
        elif isinstance(node, ast.ImportFrom) and with_imports:
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.If | ast.Try):
            yield from _defined(node.body, with_imports=with_imports)


def _class_members(node: ast.ClassDef) -> set[str]:
    own = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)}
    return own | set(_defined(node.body))


def _identifiers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.arg | ast.keyword):
        yield node.arg or ""
    elif isinstance(node, ast.alias):
        yield from [*node.name.split("."), node.asname or ""]
