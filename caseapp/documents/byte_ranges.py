"""`Range` header with a single range (RFC 9110, 14.1.2). Several ranges or another unit mean the whole file."""

import re

_ONE = re.compile(r"^\s*bytes\s*=\s*(\d{0,18})-(\d{0,18})\s*$")


class Unsatisfiable(Exception):
    """Range outside the file (status 416)."""


def part_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the requested bytes as [start, stop), or None for the whole file.

    Raises RangeNotSatisfiable.
    """
    match = _ONE.match(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
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
