"""The dates that are fields of a person: the birth and the last arrival, and what the case knows of their questions."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.deadlines.services import asylum_clock, event_deadlines, starts
from caseapp.deadlines.services.event_deadlines import RecordedEvent
from caseapp.deadlines.services.person_dates.kept_dates import ARRIVAL, BIRTH, carry_over, current_dates
from caseapp.lib.birthdays import birthday
from caseapp.lib.errors import Refused
from caseapp.records.party import Party
from caseapp.vault.store import Draft, SealedFile

FULL_AGE = 21


def refuse_arrival_before_birth(party: Party, code: str) -> None:
    """Raise Refused for a last arrival before the earliest possible birth. `code` is the field that was typed."""
    if party.birth is None or party.last_arrival_on is None or party.last_arrival_on >= party.birth.earliest:
        return
    if code in {"born_on", "dated_on"}:
        raise Refused(code, "The date of birth is after the last arrival. Correct one of the two dates.")
    raise Refused(code, "The last arrival is before the date of birth. Correct one of the two dates.")


def store_birth(draft: Draft, party_id: UUID, on: dt.date) -> None:
    """Make an entered day the person's date of birth; one that is known in part and begins on that day stays.

    Raises Refused for a birth after the last arrival.
    """
    party = draft.file.get(party_id, Party).record
    if party.birth is None or party.birth.earliest != on:
        party = replace(party, born_on=on, born_period="")
        refuse_arrival_before_birth(party, "dated_on")
        draft.change(party_id, party)


def set_arrival(
    draft: Draft,
    staff: Staff,
    party_id: UUID,
    on: dt.date,
    answers: Mapping[str, str],
    *,
    owner: UUID | None = None,
    version: int | None = None,
) -> None:
    """Set a person's last arrival with the answers to its questions, and restart the deadlines that depend on it.

    Earlier ones stay visible as superseded. Raises EditConflict, and Refused for a day before the birth.
    """
    event = rules.catalogue().events[ARRIVAL]
    facts = {name: answer for name, answer in answers.items() if name in event.ask and answer}
    party = replace(draft.file.get(party_id, Party).record, last_arrival_on=on, arrival_facts=facts)
    refuse_arrival_before_birth(party, "last_arrival_on")
    draft.change(party_id, party, version=version)
    closed = starts.supersede_deadlines(draft, staff, trigger=party_id)
    for entry in current_dates(draft.file, party_id):
        if entry.record.what == ARRIVAL:  # recorded as a notice before the person had the date
            closed += starts.supersede_deadlines(draft, staff, trigger=entry.id)
    if rules.catalogue().pack_of[ARRIVAL] not in office_law.packs_in_use(office_law.law_of(staff.keys).office):
        return
    recorded = RecordedEvent(event=event, on=on, answers=known_answers(draft.file, event, party_id) | facts)
    links = starts.DeadlineLinks(trigger=party_id, parties=(party_id,), owner=owner)
    started = event_deadlines.start_event_deadlines(draft, staff, recorded, links)
    starts.link_successors(draft, closed, started)
    carry_over(draft, closed)


def known_answers(file: SealedFile, event: rules.CatalogueEvent, party_id: UUID) -> dict[str, str]:
    """Return the answers that the case already has about a date of a person."""
    party, filing = file.get(party_id, Party).record, asylum_clock.find_filing(file)
    known: dict[str, bool] = {}
    if filing is not None and party.role == "lead":
        known["i589_filed"] = True
    elif filing is not None and party.birth is not None:
        known["parent_filed"] = filing.record.dated_on < birthday(party.birth.earliest, FULL_AGE)
    return {name: "yes" if is_so else "no" for name, is_so in known.items() if name in event.ask}


def birth_cautions(file: SealedFile, event: rules.CatalogueEvent, party_id: UUID) -> tuple[rules.Sentence, ...]:
    """Return the caution of a birth that is not known to the day; none for another date."""
    birth = file.get(party_id, Party).record.birth
    if event.event != BIRTH or birth is None or birth.exact is not None:
        return ()
    return (rules.birth_in_part_sentence(birth.earliest, birth.latest),)
