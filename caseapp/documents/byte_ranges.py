"""`Range` header with a single range (RFC 9110, 14.1.2). Several ranges or another unit mean the whole file."""

import re

_SINGLE_RANGE = re.compile(r"^\s*bytes\s*=\s*(\d{0,18})-(\d{0,18})\s*$")


class RangeNotSatisfiable(Exception):
    """Range outside the file (status 416)."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the requested bytes as [start, stop), or None for the whole file. Raises RangeNotSatisfiable."""
    match = _SINGLE_RANGE.match(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = int(last)
        if length == 0 or size == 0:
            raise RangeNotSatisfiable
        return max(0, size - length), size
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable
    return start, min(int(last) + 1, size) if last else size
