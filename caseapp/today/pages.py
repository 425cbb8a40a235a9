"""View model of the Today page."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.contact_sections import TodaySection
from caseapp.index.view import IndexView
from caseapp.today import recently_reminded as noted
from caseapp.ui.display import agenda_lines
from caseapp.ui.display.agenda_lines import AgendaTaskLine, DeadlineLine, HearingLine
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.status import lacks_confirmation

DAYS_AHEAD = 14  # days


@dataclass(frozen=True)
class TodayPage:
    """Content of Today. The template shows a sentence for an empty list."""

    day: date
    overdue: tuple[DeadlineLine, ...]
    internal_missed: tuple[DeadlineLine, ...]
    hearings: tuple[HearingLine, ...]
    next_hearing: HearingLine | None
    due: tuple[DeadlineLine, ...]
    links: tuple[FilterLink, ...]
    tasks: tuple[AgendaTaskLine, ...]
    has_cases: bool
    client_contacts: TodaySection
    reminded_hearings: tuple[HearingLine, ...] = ()
    reminded_deadlines: tuple[DeadlineLine, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return True if nothing on the page can be the subject of a recent reminder."""
        return not (
            self.overdue
            or self.internal_missed
            or self.hearings
            or self.due
            or self.reminded_deadlines
            or self.reminded_hearings
            or self.client_contacts.lines
            or self.client_contacts.replies
        )

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of the page is confirmed."""
        return lacks_confirmation((*self.overdue, *self.internal_missed, *self.due, *self.reminded_deadlines))


def today_page(staff: Staff, index: IndexView, *, team: bool) -> TodayPage:
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
    due = [agenda_lines.deadline_line(item, names, day) for item in near]
    # Every member sees every deadline that was missed, with any owner.
    missed = [agenda_lines.deadline_line(item, names, day) for item in index.overdue_deadlines(day)]
    return TodayPage(
        day=day,
        overdue=tuple(line for line in missed if line.status.kind == "passed"),
        internal_missed=tuple(line for line in missed if line.status.kind != "passed"),
        hearings=tuple(hearings),
        next_hearing=agenda_lines.hearing_line(later, names) if later else None,
        # By day. Within a day the sort is stable and keeps the order of the index: the most severe first.
        due=tuple(sorted(due, key=lambda line: line.on)),
        links=(
            FilterLink("?", _("Mine"), not team),
            FilterLink("?who=team", _("Team"), team),
        ),
        tasks=tuple(agenda_lines.task_line(item, day) for item in index.tasks_of(staff.member_id)),
        has_cases=index.list_cases(size=1).total > 0,
        reminded_hearings=tuple(agenda_lines.hearing_line(item, names) for item in noted.hearings(index, staff)),
        reminded_deadlines=tuple(
            agenda_lines.deadline_line(item, names, day)
            for item in noted.deadlines(index, staff, excluding=[item.item.id for item in near])
        ),
        client_contacts=contact_sections.today_section(staff.keys, index),
    )
