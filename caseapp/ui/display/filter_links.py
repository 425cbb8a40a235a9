"""The Today page as finished values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FilterLink:
    """One of `components/filter-links.html`."""

    href: str
    word: str
    is_on: bool
    count: int | str = ""
