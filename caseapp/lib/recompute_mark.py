"""How far a group's dates are computed with the law as it is: the text in `index_head.pack_version`.

It stands in clear, so that the clock sees with nobody signed in who is behind; it tells nothing but what the program
and the calendar tell anyway. Four forms, at most 40 characters:

    2026.11.24-1a2b3c4d5e6f              all cases were computed with this law
    1a2b3c4d5e6f@0123456789ab~20261124   under way with that law: the next case's id begins so; owed since that day
    ~20261124                            owed since that day: the office changed its own rules
    (empty)                              never computed
"""

import datetime as dt
import re
from typing import NamedTuple

CURSOR = 12  # hexadecimal digits of a case's id
_FORM = re.compile(r"(?:([0-9a-f]{1,12})@([0-9a-f]{12}))?~([0-9]{8})")


class Mark(NamedTuple):
    """`law` is the end of the version under way; `cursor` where to go on; `since` the day the work is owed from."""

    law: str
    cursor: str
    since: dt.date | None


def read(text: str) -> Mark:
    """What a mark says; a mark of another law, or a text that is none, says nothing."""
    found = _FORM.fullmatch(text)
    if found is None:
        return Mark("", "", None)
    try:
        since = dt.date.fromisoformat(found[3])
    except ValueError:
        return Mark("", "", None)
    return Mark(found[1] or "", found[2] or "", since)


def owed(since: dt.date) -> str:
    """The mark of a group whose office changed its rules on that day."""
    return f"~{since:%Y%m%d}"


def under_way(version: str, next_case: str, since: dt.date) -> str:
    """The mark of a group computed up to, and without, the case whose id (32 hexadecimal digits) is given."""
    return f"{end_of(version)}@{next_case[:CURSOR]}~{since:%Y%m%d}"


def end_of(version: str) -> str:
    """The part of a law's version that tells it from others in a mark."""
    return version.rpartition("-")[2][:CURSOR]
