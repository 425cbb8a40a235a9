"""Lists of Today that show their first rows and fold the others, so that the page stays within two screens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Line = TypeVar("Line")
FOLDED_ROWS = 6  # rows behind a fold: more would make the page heavy, and another page lists them all

# Rows in view at 1366 x 768. All lists that are full, with their folds, fit into two screens.
DATED_ROWS = 14  # of all lists of dates together
MISSED_ROWS = 4  # overdue deadlines and missed internal deadlines together
OVERDUE_ROWS = 3  # on a phone of 360 x 640 the first hearing is still in view below them
HEARING_ROWS = 5
DETAINED_ROWS = 2
DUE_ROWS = 4  # at least
CONTACT_ROWS = 3
TASK_ROWS = 3


@dataclass(frozen=True)
class FoldedList(Generic[Line]):
    """A list: the rows in view, the rows behind the fold, and the number of those that are on another page."""

    shown: tuple[Line, ...] = ()
    folded: tuple[Line, ...] = ()
    left_out: int = 0

    @property
    def total(self) -> int:
        """Return the number of items, with those that are not on the page."""
        return len(self.shown) + len(self.folded) + self.left_out

    @property
    def hidden(self) -> int:
        """Return the number of items behind the fold, or on another page."""
        return len(self.folded) + self.left_out

    @property
    def rows(self) -> tuple[Line, ...]:
        """Return the rows on the page, folded or not."""
        return self.shown + self.folded


def fold_lines(lines: Sequence[Line], shown: int) -> FoldedList[Line]:
    """Return a list with `shown` rows in view. A single row is never folded: the fold would be as high."""
    if len(lines) == shown + 1:
        shown += 1
    rest = lines[shown:]
    return FoldedList(tuple(lines[:shown]), tuple(rest[:FOLDED_ROWS]), max(0, len(rest) - FOLDED_ROWS))
