"""Parts of the case page that show the first lines of a long list, with a link to all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
# The most lines of each part: a case with 40 hearings and 300 documents is one page of 90 KB at most.
LIMITS = {"hearings": 8, "deadlines": 10, "closed": 5, "contacts": 3, "documents": 8, "tasks": 10, "activity": 15}


@dataclass(frozen=True)
class ListPart(Generic[T]):
    """The lines of one part. `all_href` shows all `total` of them; empty where none is left out."""

    lines: tuple[T, ...]
    total: int
    all_href: str


def list_part(name: str, lines: Sequence[T], opened: str, *, at: str = "", show: str = "all") -> ListPart[T]:
    """Return a part of LIMITS with its first lines; with all of them where `opened` names it.

    at    the id of the part's heading, if it is not the name
    show  the filter of the activity, which the link keeps
    """
    if opened == name or len(lines) <= LIMITS[name]:
        return ListPart(tuple(lines), len(lines), "")
    kept = f"show={show}&" if show != "all" else ""
    return ListPart(tuple(lines[: LIMITS[name]]), len(lines), f"?{kept}all={name}#{at or name}")
