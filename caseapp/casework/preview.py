"""What an act would add, computed and not saved."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from caseapp.accounts import office_file, roster
from caseapp.accounts.keys import Staff
from caseapp.cases.records import Case
from caseapp.casework import reminding
from caseapp.casework.triggers import BOOKED
from caseapp.deadlines import services
from caseapp.deadlines.records import Deadline
from caseapp.hearings.records import Hearing
from caseapp.lib import clock
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class Preview:
    """The deadlines with their working, and on how many days somebody is reminded."""

    deadlines: tuple[Deadline, ...]
    reminders: int


def booking(staff: Staff, file: SealedFile, hearing: Hearing) -> Preview:
    """What booking this hearing would add to an open case. Raises Refused when a rule cannot be computed."""
    lead = file.one(Case).record.lead or staff.member_id
    team = roster.colleagues(staff.keys, file.group.group)
    today = clock.today(staff.zone)
    found = () if hearing.detained else _computed(staff, hearing)
    plans = [plan for deadline in found for plan in reminding.deadline_plan(deadline, lead, team, today)]
    plans += reminding.hearing_plan(hearing, lead, today)
    return Preview(found, sum(len(plan.days) for plan in plans))


def _computed(staff: Staff, hearing: Hearing) -> tuple[Deadline, ...]:
    office = office_file.office_of(staff.keys)
    on = hearing.starts_at.astimezone(ZoneInfo(hearing.zone)).date()
    made = []
    for start in BOOKED[hearing.kind]:
        deadline = services.compute(
            start.rule,
            {start.event: on},
            electronic=office.electronic_filing,
            position=office.positions.get(start.rule),
            closures=[closure.on for closure in office.closures],
            zone=office.zone,
            caution=start.caution,
        )
        deadline.owner = hearing.goes
        made.append(deadline)
    return tuple(made)
