"""Starting and superseding the deadlines that follow from an event."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from caseapp.accounts import office_file
from caseapp.accounts.keys import Staff
from caseapp.casework.triggers import Start
from caseapp.deadlines import services as deadlines
from caseapp.deadlines.records import Deadline
from caseapp.lib import clock
from caseapp.vault.store import Draft, Entry

Moment = dt.date | dt.datetime


def start(
    draft: Draft,
    staff: Staff,
    starts: Iterable[Start],
    on: Moment,
    *,
    trigger: UUID,
    parties: tuple[UUID, ...] = (),
    by_mail: bool = False,
    owner: UUID | None = None,
    further: Mapping[str, Moment] | None = None,
) -> list[UUID]:
    """Compute each rule from the event's date and put the deadline into the draft; answers the new ids."""
    office = office_file.office_of(staff.keys)
    made = []
    for item in starts:
        deadline = deadlines.compute(
            item.rule,
            {item.event: on, **(further or {})},
            by_mail=by_mail,
            electronic=office.electronic_filing,
            position=office.positions.get(item.rule),
            closures=[closure.on for closure in office.closures],
            zone=office.zone,
            caution=item.caution,
        )
        deadline.trigger, deadline.parties, deadline.owner = trigger, parties, owner
        made.append(draft.add(deadline))
    return made


def supersede(draft: Draft, staff: Staff, *, trigger: UUID, rules: set[str] | None = None) -> list[Entry[Deadline]]:
    """Close the open deadlines that follow from a record (of these rules, or all); they stay visible."""
    today = clock.today(staff.zone)
    found = [
        entry
        for entry in draft.file.all(Deadline)
        if entry.record.trigger == trigger
        and entry.record.state == "open"
        and (rules is None or (entry.record.working is not None and entry.record.working.rule in rules))
    ]
    for entry in found:
        draft.change(entry.id, deadlines.superseded(entry.record, by=staff.member_id, on=today, instead=None))
    return found
