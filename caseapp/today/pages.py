"""View model of the Today page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels.contact_lines import HearingContactLine
from caseapp.clients.panels.contact_sections import OptOutLine, TodaySection
from caseapp.clients.panels.reply_lines import ReplyLine
from caseapp.index.results import CaseConditions
from caseapp.index.view import IndexView
from caseapp.lib.errors import NotFound
from caseapp.today import folds, sections
from caseapp.today.detained import DetainedLine, detained_line
from caseapp.today.folds import FoldedList
from caseapp.today.sections import TodayLists
from caseapp.ui.display import agenda_lines
from caseapp.ui.display.agenda_lines import AgendaTaskLine, DeadlineLine, HearingLine
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.status import lacks_confirmation
from caseapp.ui.paging import PageOfList, cut_page

DETAINED = CaseConditions(detained=True)
ALL_DETAINED = "?show=detained"  # the list of cases with what is left out here


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
    all_detained: str
    has_cases: bool
    may_write: bool
    client_contacts: TodaySection
    contact_lines: FoldedList[HearingContactLine]
    replies: FoldedList[ReplyLine]
    stops: FoldedList[OptOutLine]
    reminded_hearings: FoldedList[HearingLine]
    reminded_deadlines: FoldedList[DeadlineLine]

    @property
    def is_empty(self) -> bool:
        """Return True if nothing on the page can be the subject of a recent reminder."""
        lists = (self.overdue, self.internal_missed, self.hearings, self.due, self.watching, self.contact_lines)
        others = (self.reminded_deadlines, self.reminded_hearings, self.replies)
        return not any(rows.total for rows in (*lists, *others))

    @property
    def reminded_total(self) -> int:
        """Return the number of reminders that were about something that is not listed elsewhere."""
        return self.reminded_hearings.total + self.reminded_deadlines.total

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of ours is confirmed. A date of the other side needs no confirmation."""
        lists = (self.overdue, self.internal_missed, self.due, self.reminded_deadlines)
        return lacks_confirmation(line for rows in lists for line in rows.rows)


@dataclass(frozen=True)
class _DatedLists:
    """The lists of dates, folded so that all of them together leave room for the rest of the page."""

    overdue: FoldedList[DeadlineLine]
    missed: FoldedList[DeadlineLine]
    hearings: FoldedList[HearingLine]
    due: FoldedList[DeadlineLine]


def today_page(staff: Staff, index: IndexView, *, team: bool, is_sheet: bool = False) -> TodayPage:
    """Return Today with the deadlines of the whole team, or of this member and those without an owner."""
    lists = TodayLists(staff, index, team=team)
    detained = _detained_lines(index, lists.names)
    dated = _fold_dates(lists, detained, is_sheet=is_sheet)
    later = None if lists.hearings else index.next_hearing(lists.start)
    return TodayPage(
        day=lists.day,
        overdue=dated.overdue,
        internal_missed=dated.missed,
        hearings=dated.hearings,
        next_hearing=agenda_lines.hearing_line(later, lists.names) if later else None,
        detained=detained,
        due=dated.due,
        watching=lists.folded("watching", folds.FOLDED_ROWS),
        links=(
            FilterLink("?", _("Mine"), not team),
            FilterLink("?who=team", _("Team"), team),
        ),
        sheet="?who=team&sheet=day" if team else "?sheet=day",
        is_sheet=is_sheet,
        tasks=lists.folded("tasks", folds.TASK_ROWS),
        awaited=lists.folded("awaited", folds.AWAITED_ROWS),
        all_detained=reverse("cases:list") + ALL_DETAINED,
        has_cases=index.count_of() > 0,
        may_write=permissions.is_permitted(staff, "write_case"),
        reminded_hearings=FoldedList() if is_sheet else lists.folded("reminded-hearings", folds.REMINDED_ROWS),
        reminded_deadlines=FoldedList() if is_sheet else lists.folded("reminded-deadlines", folds.REMINDED_ROWS),
        client_contacts=lists.contacts,
        contact_lines=lists.folded("contacts", folds.CONTACT_ROWS),
        replies=lists.folded("replies", folds.REPLY_ROWS),
        stops=lists.folded("stops", folds.STOP_ROWS),
    )


@dataclass(frozen=True)
class SectionPage:
    """One page of all rows of a list of Today, as its rows need it."""

    title: str
    row: str
    kind: str
    list: PageOfList[Any]
    is_mine: bool
    may_write: bool
    lacks_confirmation: bool


def section_page(staff: Staff, index: IndexView, name: str, query: QueryDict) -> SectionPage:
    """Return one page of a list of Today. Raises NotFound for another name."""
    if name not in sections.KINDS:
        raise NotFound("no such list")
    lists, kind = TodayLists(staff, index, team=query.get("who") == "team"), sections.KINDS[name]
    page = cut_page(lists.rows_of(name), query, kept=("who",))
    lines = tuple(map(lists.line_maker(name), page.lines))
    return SectionPage(
        title=str(kind.title),
        row=kind.row,
        kind=kind.kind,
        list=page.with_lines(lines),
        is_mine=name == "tasks",
        may_write=permissions.is_permitted(staff, "write_case"),
        lacks_confirmation=kind.row == sections.DEADLINE and lacks_confirmation(lines),
    )


def _detained_lines(index: IndexView, names: MemberNames) -> FoldedList[DetainedLine]:
    """Return the open cases of detained clients, the next date first."""
    page = index.list_cases(DETAINED, sort="next", size=folds.DETAINED_ROWS + folds.FOLDED_ROWS)
    lines = tuple(detained_line(line, names) for line in page.rows)
    in_view = folds.DETAINED_ROWS
    return FoldedList(lines[:in_view], lines[in_view:], left_out=page.total - len(lines))


def _fold_dates(lists: TodayLists, detained: FoldedList[DetainedLine], *, is_sheet: bool) -> _DatedLists:
    """Return the lists of dates; the days ahead get the rows that the others leave.

    Of the rows that the day sheet prints in addition, long lists take what they need in turn: the hearings first.
    """
    spare = folds.SHEET_ROWS if is_sheet else 0
    today = lists.folded("hearings", folds.HEARING_ROWS, further=spare)
    spare -= today.further
    overdue = lists.folded("overdue", folds.OVERDUE_ROWS, further=spare)
    spare -= overdue.further
    internal = lists.folded("missed", max(1, folds.MISSED_ROWS - len(overdue.shown)))
    taken = sum(len(rows.shown) for rows in (overdue, internal, today, detained))
    ahead = lists.folded("due", max(folds.DUE_ROWS, folds.DATED_ROWS - taken), further=spare)
    return _DatedLists(overdue, internal, today, ahead)
