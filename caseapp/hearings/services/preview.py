"""The deadlines and reminders that booking a hearing would add: computed and not saved."""

from dataclasses import dataclass

from msgspec.structs import replace

from caseapp.accounts.directory import team_members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.deadlines.services import starts
from caseapp.deadlines.services.triggers import BOOKED
from caseapp.hearings.services.hearings import starts_deadlines
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class Preview:
    """The deadlines with their working, and the number of reminder days over all members."""

    deadlines: tuple[Deadline, ...]
    reminders: int


def preview_booking(staff: Staff, file: SealedFile, hearing: Hearing) -> Preview:
    """Return what booking this hearing would add to an open case. Raises Refused when a rule cannot be computed."""
    lead = file.get_only(Case).record.lead or staff.member_id
    team = team_members.team_of_case(staff.keys, file)
    today = clock.today(staff.zone)
    deadlines = filing_deadlines(staff, hearing)
    plans = [plan for deadline in deadlines for plan in reminder_schedule.deadline_plan(deadline, lead, team, today)]
    plans += reminder_schedule.hearing_plan(hearing, lead, today)
    return Preview(deadlines, sum(len(plan.days) for plan in plans))


def filing_deadlines(staff: Staff, hearing: Hearing) -> tuple[Deadline, ...]:
    """Return the deadlines that the hearing would start, without saving them. Raises Refused."""
    if not starts_deadlines(hearing):
        return ()
    law = office_law.law_of(staff.keys)
    on = hearing.starts_on
    receiving = starts.Circumstances(court=hearing.court, judge=hearing.judge)
    deadlines = []
    for start in starts.with_office_rules(law, BOOKED.get(hearing.kind, ())):
        deadline = starts.compute_for_office(law, start, {start.event: on}, receiving)
        deadlines.append(replace(deadline, owner=hearing.goes))
    return tuple(deadlines)
