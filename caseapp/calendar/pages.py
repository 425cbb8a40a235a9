"""View model of the agenda: days of four weeks, as many as fit on a page."""

from dataclasses import dataclass
from datetime import date, timedelta

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index.results import Item
from caseapp.index.rows import DeadlineRow, HearingRow
from caseapp.index.view import IndexView
from caseapp.ui.display.agenda_lines import DeadlineLine, HearingLine, deadline_line, hearing_line
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import lacks_confirmation

AGENDA_DAYS = 28
Entry = Item[HearingRow] | Item[DeadlineRow]
PAGE_ENTRIES = 35  # hearings and deadlines on one page


@dataclass(frozen=True)
class AgendaDay:
    """Day with at least one hearing or deadline. `total` counts those that other pages show, too."""

    on: date
    is_today: bool
    total: int
    hearings: tuple[HearingLine, ...]
    deadlines: tuple[DeadlineLine, ...]

    @property
    def is_cut(self) -> bool:
        """Return whether a part of the day is on other pages."""
        return len(self.hearings) + len(self.deadlines) < self.total


@dataclass(frozen=True)
class AgendaPage:
    """Days from `first` on, up to four weeks: as many as fit on a page. `days` are only those with an entry.

    last   the last day of the page
    rest   the page that goes on where this one ends; "" where all four weeks are shown
    """

    first: date
    last: date
    days: tuple[AgendaDay, ...]
    rest: str
    earlier: str
    later: str
    now: str
    may_write: bool

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of these weeks is confirmed."""
        return lacks_confirmation(line for day in self.days for line in day.deadlines)


def agenda_page(staff: Staff, index: IndexView, first: date, row: int = 1) -> AgendaPage:
    """Return the days that begin at `first`, from its entry number `row` on; only these days are read."""
    names, days = names_of(colleagues_of(staff.keys)), list[AgendaDay]()
    left, rest, last = PAGE_ENTRIES, "", first
    for on in (first + timedelta(days=number) for number in range(AGENDA_DAYS)):
        # A hearing is listed under the court's local date, which can differ from the member's by a day.
        hearings, deadlines = index.hearings_on(on), index.deadlines_between(on, on)
        total, skipped = len(hearings) + len(deadlines), row - 1 if on == first else 0
        if total and not left:
            rest = agenda_path(on)
            break
        last = on
        shown: list[Entry] = list(hearings[skipped : skipped + left])
        begin = max(0, skipped - len(hearings))
        shown += deadlines[begin : begin + left - len(shown)]
        if shown:
            days.append(_day_of(index, names, on, total, shown))
        left -= len(shown)
        if skipped + len(shown) < total:
            rest = f"{agenda_path(on)}?row={skipped + len(shown) + 1}"
            break
    return AgendaPage(
        first=first,
        last=last,
        days=tuple(days),
        rest=rest,
        earlier=agenda_path(first - timedelta(days=AGENDA_DAYS)),
        later=agenda_path(first + timedelta(days=AGENDA_DAYS)),
        now=agenda_path(index.today),
        may_write=permissions.is_permitted(staff, "write_case"),
    )


def _day_of(index: IndexView, names: MemberNames, on: date, total: int, shown: list[Entry]) -> AgendaDay:
    hearings = [item for item in shown if isinstance(item.item, HearingRow)]
    deadlines = [item for item in shown if isinstance(item.item, DeadlineRow)]
    return AgendaDay(
        on,
        on == index.today,
        total,
        tuple(hearing_line(item, names) for item in hearings),
        tuple(deadline_line(item, names, index.today) for item in deadlines),
    )


def agenda_path(first: date) -> str:
    """Return the path of the four weeks that begin at a day."""
    return quick_reverse("calendar:agenda", first.isoformat())
