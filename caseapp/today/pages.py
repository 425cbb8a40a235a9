"""View model of the Today page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.contact_lines import HearingContactLine
from caseapp.clients.panels.contact_sections import TodaySection
from caseapp.index.results import CaseConditions, Item
from caseapp.index.rows import SEVERITY_ORDER, DeadlineRow
from caseapp.index.view import IndexView
from caseapp.today import folds
from caseapp.today import recently_reminded as noted
from caseapp.today.detained import DetainedLine, detained_line
from caseapp.today.folds import FoldedList, fold_lines
from caseapp.ui.display import agenda_lines
from caseapp.ui.display.agenda_lines import AgendaTaskLine, DeadlineLine, HearingLine
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.status import lacks_confirmation

DAYS_AHEAD = 14  # days
DETAINED = CaseConditions(detained=True)
# Lists of cases with what is left out here.
BY_NEXT_DATE, ALL_DETAINED = "?show=team&sort=next", "?show=detained"


@dataclass(frozen=True)
class TodayPage:
    """Content of Today. The template shows a sentence for an empty list.

    watching  dates of the other side, which are folded: nothing is to be done on them
    awaited   what colleagues have to do in the cases that this member leads
    is_sheet  the day sheet for paper: nothing is folded
    """

    day: date
    overdue: FoldedList[DeadlineLine]
    internal_missed: FoldedList[DeadlineLine]
    hearings: FoldedList[HearingLine]
    next_hearing: HearingLine | None
    detained: FoldedList[DetainedLine]
    due: FoldedList[DeadlineLine]
    watching: FoldedList[DeadlineLine]
    links: tuple[FilterLink, ...]
    sheet: str
    is_sheet: bool
    tasks: FoldedList[AgendaTaskLine]
    awaited: FoldedList[AgendaTaskLine]
    by_next_date: str
    all_detained: str
    has_cases: bool
    may_write: bool
    client_contacts: TodaySection
    contact_lines: FoldedList[HearingContactLine]
    reminded_hearings: tuple[HearingLine, ...] = ()
    reminded_deadlines: tuple[DeadlineLine, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return True if nothing on the page can be the subject of a recent reminder."""
        lists = (self.overdue, self.internal_missed, self.hearings, self.due, self.watching, self.contact_lines)
        others = (self.reminded_deadlines, self.reminded_hearings, self.client_contacts.replies)
        return not (any(rows.total for rows in lists) or any(others))

    @property
    def reminded_total(self) -> int:
        """Return the number of reminders that were about something that is not listed elsewhere."""
        return len(self.reminded_hearings) + len(self.reminded_deadlines)

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of ours is confirmed. A date of the other side needs no confirmation."""
        lists = (self.overdue, self.internal_missed, self.due)
        return lacks_confirmation((*(line for rows in lists for line in rows.rows), *self.reminded_deadlines))


@dataclass(frozen=True)
class _DatedLists:
    """The lists of dates, folded so that all of them together leave room for the rest of the page."""

    overdue: FoldedList[DeadlineLine]
    missed: FoldedList[DeadlineLine]
    hearings: FoldedList[HearingLine]
    detained: FoldedList[DetainedLine]
    due: FoldedList[DeadlineLine] = field(default_factory=FoldedList)


def today_page(staff: Staff, index: IndexView, *, team: bool, is_sheet: bool = False) -> TodayPage:
    """Return Today with the deadlines of the whole team, or of this member and those without an owner."""
    names = names_of(colleagues_of(staff.keys))
    day = index.today
    start = datetime.combine(day, time(), ZoneInfo(staff.zone))
    hearings = [
        agenda_lines.hearing_line(item, names) for item in index.hearings_between(start, start + timedelta(days=1))
    ]
    later = None if hearings else index.next_hearing(start)
    near = [
        item
        for item in index.deadlines_between(day, day + timedelta(days=DAYS_AHEAD))
        if team or item.item.owner in {None, staff.member_id}
    ]
    # Every member sees every deadline that was missed, with any owner.
    missed = _deadline_lines(index.overdue_deadlines(day), names, day)
    due = _deadline_lines(near, names, day)
    dated = _fold_dates(missed, hearings, _detained_lines(index, names), [line for line in due if not line.is_watch])
    contacts = contact_sections.today_section(staff, index)
    mine, awaited = index.tasks_of(staff.member_id), index.tasks_awaited_by(staff.member_id)
    return TodayPage(
        day=day,
        overdue=dated.overdue,
        internal_missed=dated.missed,
        hearings=dated.hearings,
        next_hearing=agenda_lines.hearing_line(later, names) if later else None,
        detained=dated.detained,
        due=dated.due,
        watching=fold_lines([line for line in due if line.is_watch], folds.FOLDED_ROWS),
        links=(
            FilterLink("?", _("Mine"), not team),
            FilterLink("?who=team", _("Team"), team),
        ),
        sheet="?who=team&sheet=day" if team else "?sheet=day",
        is_sheet=is_sheet,
        tasks=fold_lines([agenda_lines.task_line(item, names, day) for item in mine], folds.TASK_ROWS),
        awaited=fold_lines([agenda_lines.task_line(item, names, day) for item in awaited], folds.TASK_ROWS),
        by_next_date=reverse("cases:list") + BY_NEXT_DATE,
        all_detained=reverse("cases:list") + ALL_DETAINED,
        has_cases=index.count_of() > 0,
        may_write=permissions.is_permitted(staff, "write_case"),
        reminded_hearings=tuple(agenda_lines.hearing_line(item, names) for item in noted.hearings(index, staff)),
        reminded_deadlines=tuple(
            agenda_lines.deadline_line(item, names, day)
            for item in noted.deadlines(index, staff, excluding=[item.item.id for item in near])
        ),
        client_contacts=contacts,
        contact_lines=fold_lines(contacts.lines, folds.CONTACT_ROWS),
    )


def _deadline_lines(items: Sequence[Item[DeadlineRow]], names: MemberNames, day: date) -> list[DeadlineLine]:
    """Return the lines by day; within a day those of detained clients first, then by consequence."""
    ordered = sorted(
        items,
        key=lambda item: (
            item.item.day or day,
            not item.row.detained,
            SEVERITY_ORDER.get(item.item.severity, len(SEVERITY_ORDER)),
            item.row.ref,
        ),
    )
    return [agenda_lines.deadline_line(item, names, day) for item in ordered]


def _detained_lines(index: IndexView, names: MemberNames) -> FoldedList[DetainedLine]:
    """Return the open cases of detained clients, the next date first."""
    page = index.list_cases(DETAINED, sort="next", size=folds.DETAINED_ROWS + folds.FOLDED_ROWS)
    lines = tuple(detained_line(line, names) for line in page.rows)
    in_view = folds.DETAINED_ROWS
    return FoldedList(lines[:in_view], lines[in_view:], left_out=page.total - len(lines))


def _fold_dates(
    missed: list[DeadlineLine],
    hearings: list[HearingLine],
    detained: FoldedList[DetainedLine],
    due: list[DeadlineLine],
) -> _DatedLists:
    """Return the lists of dates; the days ahead get the rows that the others leave."""
    overdue = fold_lines([line for line in missed if line.status.kind == "passed"], folds.OVERDUE_ROWS)
    internal = fold_lines(
        [line for line in missed if line.status.kind != "passed"],
        max(1, folds.MISSED_ROWS - len(overdue.shown)),
    )
    today = fold_lines(hearings, folds.HEARING_ROWS)
    taken = sum(len(rows.shown) for rows in (overdue, internal, today, detained))
    ahead = fold_lines(due, max(folds.DUE_ROWS, folds.DATED_ROWS - taken))
    return _DatedLists(overdue, internal, today, detained, ahead)
