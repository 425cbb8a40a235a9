"""Where in a pack's file a complaint points: the line, and the rule, closure or order that stands there."""

import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]|\[\.\.\.\]")
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z_.]+)\s*\]")


def where(text: str, plain: Mapping[str, Any], path: str) -> str:
    """ "line 12, us.ca.pfr" for a path like `$.rules[3].count`; "line 1" where nothing nearer is known."""
    names, numbers = _steps(path)
    line = _line(text.splitlines(), names, numbers)
    item = named(plain, path)
    return f"line {line}, {item}" if item else f"line {line}"


def named(plain: Mapping[str, Any], path: str) -> str:
    """The id (or event) of the item that a path leads into, "" where it leads into none."""
    names, numbers = _steps(path)
    items = plain.get(names[0]) if names and numbers else None
    if not isinstance(items, list | tuple) or numbers[0] >= len(items) or not isinstance(items[numbers[0]], Mapping):
        return ""
    item = items[numbers[0]]
    found = item.get("id") or item.get("event") or ""
    return found[:80] if isinstance(found, str) else ""


def _steps(path: str) -> tuple[list[str], list[int]]:
    """The names and the numbers of `$.rules[3].readings[0].count`, apart."""
    found = _STEP.findall(path)
    return [name for name, _ in found if name], [int(number) for _, number in found if number]


def _line(lines: list[str], names: list[str], numbers: list[int]) -> int:
    """The key's own line inside its section, else the section's header, else the first line."""
    tables = list(names)
    section, found = 0, 0
    if len(names) > 1 and names[1] == "readings" and len(numbers) > 1:
        section = _header(lines, names[0], numbers[0], 0)
        section = _header(lines, f"{names[0]}.readings", numbers[1], section)
        tables = names[2:]
    elif numbers and names:
        section = _header(lines, names[0], numbers[0], 0)
        tables = names[1:]
    elif names and (table := _header(lines, names[0], 0, 0)):
        section = table
        tables = names[1:]
    if tables:
        found = _key(lines, tables[0], section)
    return found or section or 1


def _header(lines: list[str], name: str, number: int, after: int) -> int:
    """Line of the `number`th header of this name after a line; 0 where there is none."""
    seen = -1
    for place, line in enumerate(lines[after:], after + 1):
        header = _HEADER.match(line)
        if header and header[1] == name:
            seen += 1
            if seen == number:
                return place
    return 0


def _key(lines: list[str], key: str, section: int) -> int:
    """Line of `key = ...` up to the next header; 0 where there is none."""
    for place, line in enumerate(lines[section:], section + 1):
        if _HEADER.match(line):
            return 0
        if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return place
    return 0
