"""Links that filter a list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FilterLink:
    """One link of `components/filter-links.html`."""

    href: str
    word: str
    is_on: bool
    count: int | str = ""
