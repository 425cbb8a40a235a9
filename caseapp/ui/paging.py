"""One page of a long list. Its number is all that an address says about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import urlencode

from django.http import QueryDict

from caseapp.lib.text.digits import read_page_number

PAGE_ROWS: Final = 25  # rows with forms, names and dates: 60 KB of HTML at most, the frame of the page included
T = TypeVar("T")
Line = TypeVar("Line")


@dataclass(frozen=True)
class PageOfList(Generic[T]):
    """One of the pages of a list, as `components/pages.html` needs it; `earlier` and `later` are "" for none."""

    lines: tuple[T, ...]
    total: int
    page: int = 1
    pages: int = 1
    earlier: str = ""
    later: str = ""

    def with_lines(self, lines: Sequence[Line]) -> "PageOfList[Line]":
        """Return the page with the lines that were made of its rows; no line is made for rows of other pages."""
        return cast("PageOfList[Line]", replace(cast(Any, self), lines=tuple(lines)))


def cut_page(rows: Sequence[T], query: QueryDict, *, size: int = PAGE_ROWS, kept: Sequence[str] = ()) -> PageOfList[T]:
    """Return the page of the rows that `?page=` names, or the nearest that there is.

    kept  names of other values of the query that the links to the neighbours keep
    """
    page = min(read_page_number(query.get("page", "")), count_pages(len(rows), size))
    lines = tuple(rows[(page - 1) * size : page * size])
    return numbered_page(
        lines, len(rows), page, size=size, kept={name: str(query[name]) for name in kept if name in query}
    )


def numbered_page(
    lines: Sequence[T], total: int, page: int, *, size: int = PAGE_ROWS, kept: dict[str, str] | None = None
) -> PageOfList[T]:
    """Return a page whose lines were cut already, with the links to its neighbours."""
    pages = count_pages(total, size)
    links = {number: "?" + urlencode({**(kept or {}), "page": number}) for number in (page - 1, page + 1)}
    return PageOfList(
        tuple(lines),
        total,
        page,
        pages,
        earlier=links[page - 1] if page > 1 else "",
        later=links[page + 1] if page < pages else "",
    )


def count_pages(total: int, size: int = PAGE_ROWS) -> int:
    """Return the number of pages; an empty list has one."""
    return max(1, -(-total // size))
