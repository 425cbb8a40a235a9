"""View model of the agenda: four weeks by day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index.view import IndexView
from caseapp.ui.display.agenda_lines import DeadlineLine, HearingLine, deadline_line, hearing_line
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.status import lacks_confirmation

AGENDA_DAYS = 28


@dataclass(frozen=True)
class AgendaDay:
    """Day with at least one hearing or deadline."""

    on: date
    is_today: bool
    hearings: tuple[HearingLine, ...]
    deadlines: tuple[DeadlineLine, ...]


@dataclass(frozen=True)
class AgendaPage:
    """Four weeks. `days` are only those with a hearing or deadline, in order."""

    first: date
    last: date
    days: tuple[AgendaDay, ...]
    earlier: str
    later: str
    now: str
    may_write: bool

    @property
    def lacks_confirmation(self) -> bool:
        """Return whether no deadline of these weeks is confirmed."""
        return lacks_confirmation(line for day in self.days for line in day.deadlines)


def agenda_page(staff: Staff, index: IndexView, first: date) -> AgendaPage:
    """Return the four weeks that begin at `first`."""
    names = names_of(colleagues_of(staff.keys))
    last = first + timedelta(days=AGENDA_DAYS - 1)
    start = datetime.combine(first, time(), ZoneInfo(staff.zone))
    # A hearing is listed under the court's local date, which can differ from the member's by a day.
    margin = timedelta(days=1)
    hearings: dict[date, list[HearingLine]] = {}
    for hearing in index.hearings_between(start - margin, start + timedelta(days=AGENDA_DAYS) + margin):
        line = hearing_line(hearing, names)
        hearings.setdefault(line.on, []).append(line)
    deadlines: dict[date, list[DeadlineLine]] = {}
    for deadline in index.deadlines_between(first, last):
        due = deadline_line(deadline, names, index.today)
        deadlines.setdefault(due.on, []).append(due)
    days = [on for on in sorted({*hearings, *deadlines}) if first <= on <= last]
    return AgendaPage(
        first=first,
        last=last,
        days=tuple(
            AgendaDay(on, on == index.today, tuple(hearings.get(on, ())), tuple(deadlines.get(on, ()))) for on in days
        ),
        earlier=agenda_path(first - timedelta(days=AGENDA_DAYS)),
        later=agenda_path(first + timedelta(days=AGENDA_DAYS)),
        now=agenda_path(index.today),
        may_write=permissions.is_permitted(staff, "write_case"),
    )


def agenda_path(first: date) -> str:
    """Return the path of the four weeks that begin at a day."""
    return reverse("calendar:agenda", args=[first.isoformat()])
