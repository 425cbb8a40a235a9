"""What an act would add, or what a date would give: computed and not saved."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from caseapp.accounts.directory import team_members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law, reminder_schedule
from caseapp.deadlines.services import starts
from caseapp.deadlines.services.triggers import BOOKED
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class Preview:
    """The deadlines with their working, and on how many days somebody is reminded."""

    deadlines: tuple[Deadline, ...]
    reminders: int


def booking(staff: Staff, file: SealedFile, hearing: Hearing) -> Preview:
    """What booking this hearing would add to an open case. Raises Refused when a rule cannot be computed."""
    lead = file.one(Case).record.lead or staff.member_id
    team = team_members.team_of(staff.keys, file)
    today = clock.today(staff.zone)
    found = () if hearing.detained else _computed(staff, hearing)
    plans = [plan for deadline in found for plan in reminder_schedule.deadline_plan(deadline, lead, team, today)]
    plans += reminder_schedule.hearing_plan(hearing, lead, today)
    return Preview(found, sum(len(plan.days) for plan in plans))


def _computed(staff: Staff, hearing: Hearing) -> tuple[Deadline, ...]:
    law = office_law.law_of(staff.keys)
    on = hearing.starts_at.astimezone(ZoneInfo(hearing.zone)).date()
    made = []
    for start in starts.with_office(law, BOOKED[hearing.kind]):
        deadline = starts.computed(law, start, {start.event: on}, court=hearing.court, judge=hearing.judge)
        deadline.owner = hearing.goes
        made.append(deadline)
    return tuple(made)
