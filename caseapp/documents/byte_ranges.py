"""The `Range` header of one part (RFC 9110, 14.1.2). Several parts or another unit: the whole file."""

import re

_ONE = re.compile(r"^\s*bytes\s*=\s*(\d{0,18})-(\d{0,18})\s*$")


class Unsatisfiable(Exception):
    """The part lies outside the file (416)."""


def part_of(header: str, size: int) -> tuple[int, int] | None:
    """[start, stop) that is asked for, or None for the whole file. Raises Unsatisfiable."""
    found = _ONE.match(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        length = int(last)
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, min(int(last) + 1, size) if last else size
