"""Location of an error in a pack's file: the line, and the rule, closure or order at that line."""

import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]|\[\.\.\.\]")
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z_.]+)\s*\]")


def describe_location(text: str, plain: Mapping[str, Any], path: str) -> str:
    """Return "line 12, us.ca.pfr" for a path like `$.rules[3].count`; "line 1" when nothing more precise is known."""
    names, numbers = _split_path(path)
    line = _find_line(text.splitlines(), names, numbers)
    item = item_id_at(plain, path)
    return f"line {line}, {item}" if item else f"line {line}"


def item_id_at(plain: Mapping[str, Any], path: str) -> str:
    """Return the id (or event) of the item a path points into; "" when it points into none."""
    names, numbers = _split_path(path)
    items = plain.get(names[0]) if names and numbers else None
    if not isinstance(items, list | tuple) or numbers[0] >= len(items) or not isinstance(items[numbers[0]], Mapping):
        return ""
    item = items[numbers[0]]
    item_id = item.get("id") or item.get("event") or ""
    return item_id[:80] if isinstance(item_id, str) else ""


def _split_path(path: str) -> tuple[list[str], list[int]]:
    """Split a path like `$.rules[3].readings[0].count` into its names and its numbers."""
    steps = _STEP.findall(path)
    return [name for name, _ in steps if name], [int(number) for _, number in steps if number]


def _find_line(lines: list[str], names: list[str], numbers: list[int]) -> int:
    """Return the line of the key inside its section, else of the section's header, else 1."""
    tables = list(names)
    section, key_line = 0, 0
    if len(names) > 1 and names[1] == "readings" and len(numbers) > 1:
        section = _find_header(lines, names[0], numbers[0], 0)
        section = _find_header(lines, f"{names[0]}.readings", numbers[1], section)
        tables = names[2:]
    elif numbers and names:
        section = _find_header(lines, names[0], numbers[0], 0)
        tables = names[1:]
    elif names and (table := _find_header(lines, names[0], 0, 0)):
        section = table
        tables = names[1:]
    if tables:
        key_line = _find_key(lines, tables[0], section)
    return key_line or section or 1


def _find_header(lines: list[str], name: str, number: int, after: int) -> int:
    """Return the line of header `number` (from 0) of this name after a line; 0 when there is none."""
    seen = -1
    for line_number, line in enumerate(lines[after:], after + 1):
        header = _HEADER.match(line)
        if header and header[1] == name:
            seen += 1
            if seen == number:
                return line_number
    return 0


def _find_key(lines: list[str], key: str, section: int) -> int:
    """Return the line of `key = ...` before the next header; 0 when there is none."""
    for line_number, line in enumerate(lines[section:], section + 1):
        if _HEADER.match(line):
            return 0
        if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return line_number
    return 0
