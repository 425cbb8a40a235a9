"""Progress of recomputing a group's dates after the law changed: the text in `index_head.pack_version`.

The mark is not encrypted, so that the scheduled task can see which groups are behind while no member is signed in. It
reveals only the program's version and a day. Four forms, at most 40 characters:

    2026.11.24-1a2b3c4d5e6f              all cases were computed with this law
    1a2b3c4d5e6f@0123456789ab~20261124   in progress with that law: start of the next case's id; due since that day
    ~20261124                            due since that day: the office changed its own rules
    (empty)                              never computed
"""

import datetime as dt
import re
from typing import NamedTuple

CURSOR_LENGTH = 12  # hexadecimal digits of a case's id
_PENDING_MARK = re.compile(r"(?:([0-9a-f]{1,12})@([0-9a-f]{12}))?~([0-9]{8})")


class Mark(NamedTuple):
    """A parsed mark. `law`: suffix of the version in progress; `cursor`: next case; `since`: day the work fell due."""

    law: str
    cursor: str
    since: dt.date | None


def parse_mark(text: str) -> Mark:
    """Parse a mark. Return an empty Mark for a finished version (first form) and for any other text."""
    match = _PENDING_MARK.fullmatch(text)
    if match is None:
        return Mark("", "", None)
    try:
        since = dt.date.fromisoformat(match[3])
    except ValueError:
        return Mark("", "", None)
    return Mark(match[1] or "", match[2] or "", since)


def owed_mark(since: dt.date) -> str:
    """Return the mark of a group whose office changed its own rules on that day."""
    return f"~{since:%Y%m%d}"


def in_progress_mark(version: str, next_case: str, since: dt.date) -> str:
    """Return the mark of a group computed up to, but not including, the case with this id (32 hexadecimal digits)."""
    return f"{version_suffix(version)}@{next_case[:CURSOR_LENGTH]}~{since:%Y%m%d}"


def version_suffix(version: str) -> str:
    """Return the suffix of a law's version that identifies it in a mark."""
    return version.rpartition("-")[2][:CURSOR_LENGTH]
