"""Changes of the people in a case."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import starts
from caseapp.deadlines.services.triggers import LAST_ARRIVAL
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.party import Party


def refuse_future_date(day: dt.date | None, today: dt.date, code: str, sentence: str) -> dt.date | None:
    """Return the day. Raises Refused with this code and sentence for a day after today."""
    if day is not None and day > today:
        raise Refused(code, sentence)
    return day


def set_last_arrival(staff: Staff, case_id: UUID, party_id: UUID, arrived_on: dt.date, *, version: int) -> None:
    """Set or correct a person's last arrival and restart the deadlines that depend on it.

    An older one-year deadline stays visible as superseded. Raises EditConflict, and Refused for a day after today.
    """
    refuse_future_date(arrived_on, clock.today(staff.zone), "last_arrival_on", "The last arrival is after today.")
    with case_transaction(staff, case_id) as draft:
        party = draft.file.get(party_id, Party)
        draft.change(party_id, replace(party.record, last_arrival_on=arrived_on), version=version)
        closed = starts.supersede_deadlines(draft, staff, trigger=party_id)
        links = starts.DeadlineLinks(trigger=party_id, parties=(party_id,))
        started = starts.start_deadlines(draft, staff, LAST_ARRIVAL, arrived_on, links)
        starts.link_successors(draft, closed, started)


def change_person(staff: Staff, case_id: UUID, party_id: UUID, party: Party, *, version: int) -> None:
    """Save the details of a person. Raises EditConflict when another member saved since `version`."""
    with case_transaction(staff, case_id) as draft:
        draft.change(party_id, party, version=version)


def add_person(staff: Staff, case_id: UUID, party: Party) -> UUID:
    """Add a rider or another party to the case. Return the id of the party."""
    with case_transaction(staff, case_id) as draft:
        return draft.add(party)
