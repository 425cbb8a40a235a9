"""What an act would add, or what a date would give: computed and not saved."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from caseapp import rules
from caseapp.accounts import roster
from caseapp.accounts.keys import Staff
from caseapp.cases.records import Case
from caseapp.casework import clocks, office_rules, reminding
from caseapp.casework.triggers import BOOKED, Start
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
    team = roster.team_of(staff.keys, file)
    today = clock.today(staff.zone)
    found = () if hearing.detained else _computed(staff, hearing)
    plans = [plan for deadline in found for plan in reminding.deadline_plan(deadline, lead, team, today)]
    plans += reminding.hearing_plan(hearing, lead, today)
    return Preview(found, sum(len(plan.days) for plan in plans))


def _computed(staff: Staff, hearing: Hearing) -> tuple[Deadline, ...]:
    law = office_rules.law_of(staff.keys)
    on = hearing.starts_at.astimezone(ZoneInfo(hearing.zone)).date()
    made = []
    for start in clocks.with_office(law, BOOKED[hearing.kind]):
        deadline = clocks.computed(law, start, {start.event: on}, court=hearing.court, judge=hearing.judge)
        deadline.owner = hearing.goes
        made.append(deadline)
    return tuple(made)


def ways_of(staff: Staff) -> tuple[rules.Rulebook, bool]:
    """The law this office computes with, and whether it files electronically."""
    law = office_rules.law_of(staff.keys)
    return law.book, law.office.electronic_filing


def what_if(
    staff: Staff,
    starts: Sequence[Start],
    dates: Mapping[str, clocks.Moment],
    *,
    by_mail: bool = False,
    electronic: bool | None = None,
    zone: str = "",
    clock_stops: Sequence[tuple[dt.date, dt.date]] = (),
) -> tuple[Deadline, ...]:
    """What these dates would give under each rule; no case is needed and nothing is stored.

    starts      rules; "id@position" for one reading, else the office's own choice. Without an event all dates are given
                to the rule, else the event's own
    electronic  None: as the office files
    Raises      Refused with the engine's sentence
    """
    law = office_rules.law_of(staff.keys)
    return tuple(
        clocks.computed(
            law,
            start,
            {start.event: dates[start.event]} if start.event else dates,
            by_mail=by_mail,
            electronic=electronic,
            zone=zone,
            clock_stops=clock_stops,
        )
        for start in starts
    )
