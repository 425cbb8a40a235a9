"""The lists of Today and the order of their rows. Today shows the first ones, a page of its own shows all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.contact_sections import TodaySection
from caseapp.index.results import Item
from caseapp.index.rows import DeadlineRow, HearingRow
from caseapp.index.view import IndexView
from caseapp.today import recently_reminded
from caseapp.today.dated_lists import MissedDeadlines, NearDeadlines
from caseapp.today.folds import FoldedList, fold_rows
from caseapp.ui.display import agenda_lines
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.paths import quick_reverse

DAYS_AHEAD = 14  # days
HEARING, DEADLINE, TASK = "agenda/_hearing.html", "agenda/_deadline.html", "today/_task_row.html"


@dataclass(frozen=True)
class SectionKind:
    """A list of Today: the title of its own page, the template of a row, and a class of the list."""

    title: Promise
    row: str
    kind: str = ""


KINDS: Final[dict[str, SectionKind]] = {
    "overdue": SectionKind(_("Overdue"), DEADLINE),
    "missed": SectionKind(_("Internal deadline missed"), DEADLINE),
    "hearings": SectionKind(_("Hearings today"), HEARING),
    "due": SectionKind(_("Next 14 days"), DEADLINE),
    "watching": SectionKind(_("Watching"), DEADLINE),
    "contacts": SectionKind(_("Client contact"), "clients/_today_row.html"),
    "replies": SectionKind(_("Clients who replied"), "clients/_replied.html"),
    "stops": SectionKind(_("Clients who answered STOP"), "clients/_stopped.html"),
    "tasks": SectionKind(_("My tasks"), TASK, "rows-tasks"),
    "awaited": SectionKind(_("Waiting for others"), TASK, "rows-tasks"),
    "reminded-deadlines": SectionKind(_("Reminders sent to you: deadlines"), DEADLINE),
    "reminded-hearings": SectionKind(_("Reminders sent to you: hearings"), HEARING),
}


class TodayLists:
    """The rows of each list, read from the index when they are asked for; a line is made only for a row in view."""

    def __init__(self, staff: Staff, index: IndexView, *, team: bool) -> None:
        self.staff, self.index, self.team = staff, index, team
        self.day = index.today

    @cached_property
    def names(self) -> MemberNames:
        """Return the names of the members."""
        return names_of(colleagues_of(self.staff.keys))

    def folded(self, name: str, shown: int, *, further: int = 0) -> FoldedList[Any]:
        """Return a list of KINDS with `shown` rows in view, and `further` ones behind its fold if it is long."""
        return fold_rows(self.rows_of(name), shown, self.line_maker(name), self.path_of(name), further=further)

    def path_of(self, name: str) -> str:
        """Return the path of the page with all rows of a list."""
        path = quick_reverse("today:section", name)
        return f"{path}?who=team" if self.team and name in {"due", "watching"} else path

    def rows_of(self, name: str) -> Sequence[Any]:
        """Return all rows of a list of KINDS, in order."""
        lists: dict[str, Callable[[], Sequence[Any]]] = {
            "overdue": lambda: self.index.read_kept(MissedDeadlines(self.day, is_overdue=True)),
            "missed": lambda: self.index.read_kept(MissedDeadlines(self.day, is_overdue=False)),
            "hearings": lambda: self.hearings,
            "due": lambda: self._near(is_watch=False),
            "watching": lambda: self._near(is_watch=True),
            "contacts": lambda: self.contacts.lines,
            "replies": lambda: self.contacts.replies,
            "stops": lambda: self.contacts.stops,
            "tasks": lambda: self.index.tasks_of(self.staff.member_id),
            "awaited": lambda: self.index.tasks_awaited_by(self.staff.member_id),
            "reminded-deadlines": self._reminded_deadlines,
            "reminded-hearings": lambda: recently_reminded.hearings(self.index, self.staff),
        }
        return lists[name]()

    def line_maker(self, name: str) -> Callable[[Any], Any]:
        """Return what makes the line of a row of a list."""
        makers: dict[str, Callable[[Any], Any]] = {
            HEARING: lambda item: agenda_lines.hearing_line(item, self.names),
            DEADLINE: lambda item: agenda_lines.deadline_line(item, self.names, self.day),
            TASK: lambda item: agenda_lines.task_line(item, self.names, self.day),
        }
        return makers.get(KINDS[name].row, lambda line: line)

    @cached_property
    def start(self) -> datetime:
        """Return the midnight that began the day in the member's zone."""
        return datetime.combine(self.day, time(), ZoneInfo(self.staff.zone))

    @cached_property
    def hearings(self) -> Sequence[Item[HearingRow]]:
        """Return the hearings of the day."""
        return self.index.hearings_between(self.start, self.start + timedelta(days=1))

    @cached_property
    def contacts(self) -> TodaySection:
        """Return the clients to contact today."""
        return contact_sections.today_section(self.staff, self.index)

    def _near(self, *, is_watch: bool) -> Sequence[Item[DeadlineRow]]:
        """Return the deadlines of the days ahead: of the team, or of this member and those without an owner."""
        member = None if self.team else self.staff.member_id
        return self.index.read_kept(NearDeadlines(self.day, self._last_day, member, is_watch=is_watch))

    def _reminded_deadlines(self) -> Sequence[Item[DeadlineRow]]:
        return recently_reminded.deadlines(self.index, self.staff, listed=self._last_day, is_team=self.team)

    @property
    def _last_day(self) -> date:
        return self.day + timedelta(days=DAYS_AHEAD)
