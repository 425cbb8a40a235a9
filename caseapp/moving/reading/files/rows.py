"""A row of a file, as text."""

from typing import NamedTuple


class SheetRow(NamedTuple):
    """A row. `number` counts from 1, as a spreadsheet shows it; `lines` is how many lines of a text file it takes."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""  # quotes, too_many_cells, merged
    lines: int = 1
