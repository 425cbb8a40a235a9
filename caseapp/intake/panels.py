"""The line of intakes that Today shows."""

from dataclasses import dataclass

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index.view import IndexView
from caseapp.records.answer import OPEN, PROVISIONAL, WAITING


@dataclass(frozen=True)
class IntakeLine:
    """Numbers of intakes that are not decided, and whether the member may open a new one."""

    in_work: int
    waiting: int
    provisional: int
    may_open: bool

    @property
    def is_shown(self) -> bool:
        """Return whether an intake waits. A new one is begun from the head of Today and from the Add menu."""
        return bool(self.in_work or self.waiting or self.provisional)


def intake_line(staff: Staff, index: IndexView) -> IntakeLine:
    """Return the line of Today."""
    counts = index.intake_counts()
    may_open = permissions.is_permitted(staff, "new_case")
    return IntakeLine(counts[OPEN], counts[WAITING], counts[PROVISIONAL], may_open)
