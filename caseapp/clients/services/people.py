"""Changes of the people in a case."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import person_facts
from caseapp.deadlines.services import starts
from caseapp.deadlines.services.triggers import LAST_ARRIVAL
from caseapp.lib.errors import Refused
from caseapp.records.party import Party


def refuse_arrival_before_birth(party: Party, code: str) -> None:
    """Raise Refused for a last arrival before the earliest possible birth. `code` is the field that was typed."""
    if party.birth is None or party.last_arrival_on is None or party.last_arrival_on >= party.birth.earliest:
        return
    if code == "born_on":
        raise Refused(code, "The date of birth is after the last arrival. Correct one of the two dates.")
    raise Refused(code, "The last arrival is before the date of birth. Correct one of the two dates.")


def set_last_arrival(staff: Staff, case_id: UUID, party_id: UUID, arrived_on: dt.date, *, version: int) -> None:
    """Set or correct a person's last arrival and restart the deadlines that depend on it.

    An older one-year deadline stays visible as superseded. Raises EditConflict, and Refused for a day before the birth.
    """
    with case_transaction(staff, case_id) as draft:
        party = replace(draft.file.get(party_id, Party).record, last_arrival_on=arrived_on)
        refuse_arrival_before_birth(party, "last_arrival_on")
        draft.change(party_id, party, version=version)
        closed = starts.supersede_deadlines(draft, staff, trigger=party_id)
        links = starts.DeadlineLinks(trigger=party_id, parties=(party_id,))
        started = starts.start_deadlines(draft, staff, LAST_ARRIVAL, arrived_on, links)
        starts.link_successors(draft, closed, started)


def change_person(staff: Staff, case_id: UUID, party_id: UUID, party: Party, *, version: int) -> None:
    """Save the details of a person, and record the events that they are: a move, custody, a birth date.

    Raises EditConflict when another member saved since `version`, and Refused for a birth after the last arrival.
    """
    refuse_arrival_before_birth(party, "born_on")
    with case_transaction(staff, case_id) as draft:
        before = draft.file.get(party_id, Party).record
        draft.change(party_id, party, version=version)
        person_facts.record_changed_facts(draft, staff, party_id, before)


def add_person(staff: Staff, case_id: UUID, party: Party) -> UUID:
    """Add a rider or another party to the case. Return the id of the party."""
    with case_transaction(staff, case_id) as draft:
        party_id = draft.add(party)
        person_facts.record_changed_facts(draft, staff, party_id, None)
        return party_id
