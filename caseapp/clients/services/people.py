"""Changes of the people in a case."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import duplicates, person_facts
from caseapp.deadlines.services.person_dates import birth_and_arrival
from caseapp.records.party import Party


def set_last_arrival(
    staff: Staff,
    case_id: UUID,
    party_id: UUID,
    arrived_on: dt.date,
    *,
    version: int,
    answers: Mapping[str, str] | None = None,
) -> None:
    """Set or correct a person's last arrival and restart the deadlines that depend on it.

    answers  to the questions of the catalogue; None: those that are stored
    An older one-year deadline stays visible as superseded. Raises EditConflict, and Refused for a day before the birth.
    """
    with case_transaction(staff, case_id) as draft:
        known = draft.file.get(party_id, Party).record.arrival_facts if answers is None else answers
        birth_and_arrival.set_arrival(draft, staff, party_id, arrived_on, known, version=version)


def change_person(
    staff: Staff,
    case_id: UUID,
    party_id: UUID,
    party: Party,
    *,
    version: int,
    answers: Mapping[UUID, str] | None = None,
) -> None:
    """Save the details of a person, and record the events that they are: a move, custody, a birth date.

    answers  about people who may be the same (`duplicates`); None: nothing is asked
    Raises   EditConflict when another member saved since `version`, Refused for a birth after the last arrival, and
             PossibleDuplicates
    """
    birth_and_arrival.refuse_arrival_before_birth(party, "born_on")
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get(party_id, Party)
        before = entry.record
        if answers is not None and entry.version == version:
            party = duplicates.require_decisions(
                staff, party, answers, before=before, case_id=case_id, party_id=party_id
            )
        draft.change(party_id, party, version=version)
        person_facts.record_changed_facts(draft, staff, party_id, before)


def add_person(staff: Staff, case_id: UUID, party: Party, *, answers: Mapping[UUID, str] | None = None) -> UUID:
    """Add a rider or another party to the case. Return the id of the party.

    answers  about people who may be the same (`duplicates`); None: nothing is asked
    Raises   PossibleDuplicates
    """
    if answers is not None:
        party = duplicates.require_decisions(staff, party, answers, case_id=case_id)
    with case_transaction(staff, case_id) as draft:
        party_id = draft.add(party)
        person_facts.record_changed_facts(draft, staff, party_id, None)
        return party_id
