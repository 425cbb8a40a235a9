"""Lists of Today that show their first rows and fold the others, so that the page stays within two screens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Line = TypeVar("Line")
Row = TypeVar("Row")
FOLDED_ROWS = 6  # rows behind a fold: a list that has more is on a page of its own, which keeps this page light
SHEET_ROWS = 8  # rows of long lists of dates that the day sheet prints in addition: paper has no links

# Rows in view at 1366 x 768. All lists that are full, with their folds, fit into two screens.
DATED_ROWS = 14  # of all lists of dates together
MISSED_ROWS = 4  # overdue deadlines and missed internal deadlines together
OVERDUE_ROWS = 3  # on a phone of 360 x 640 the first hearing is still in view below them
HEARING_ROWS = 5
DETAINED_ROWS = 2
DUE_ROWS = 4  # at least
CONTACT_ROWS = 3
TASK_ROWS = 3
AWAITED_ROWS = 2  # tasks of colleagues
REPLY_ROWS, STOP_ROWS = 2, 1
REMINDED_ROWS = 2  # of deadlines and of hearings, in a part that is folded itself


@dataclass(frozen=True)
class FoldedList(Generic[Line]):
    """A list: the rows in view, the rows behind the fold, and the number of those that are on the page `rest`."""

    shown: tuple[Line, ...] = ()
    folded: tuple[Line, ...] = ()
    left_out: int = 0
    rest: str = ""

    @property
    def further(self) -> int:
        """Return how many rows of a long list are behind the fold although not all of them are."""
        return len(self.folded) if self.left_out else 0

    @property
    def total(self) -> int:
        """Return the number of items, with those that are not on the page."""
        return len(self.shown) + len(self.folded) + self.left_out

    @property
    def rows(self) -> tuple[Line, ...]:
        """Return the rows on the page, folded or not."""
        return self.shown + self.folded


def fold_rows(
    rows: Sequence[Row], shown: int, make: Callable[[Row], Line], rest: str, *, further: int = 0
) -> FoldedList[Line]:
    """Return a list with `shown` rows in view. A single row is never folded: the fold would be as high.

    What does not fit behind a fold is on the page `rest`; a line is made only for a row that is on the page.

    further  rows of such a long list that are behind the fold all the same, for the day sheet
    """
    if len(rows) == shown + 1:
        shown += 1
    behind = rows[shown:] if len(rows) - shown <= FOLDED_ROWS else rows[shown : shown + further]
    left_out = max(0, len(rows) - shown - len(behind))
    return FoldedList(tuple(map(make, rows[:shown])), tuple(map(make, behind)), left_out, rest)
