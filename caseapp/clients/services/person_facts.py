"""Facts of a person that are events: a new address, custody, a birth date. Saving one records its event.

It calls `deadlines.services.notices`: the same event and deadlines, whichever page records them.
"""

import datetime as dt
from collections.abc import Iterator, Set
from typing import NamedTuple
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.services import custody, date_corrections
from caseapp.deadlines.services import notices, starts, what_if
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.person_dates import kept_dates
from caseapp.lib import clock
from caseapp.lib.birthdays import birthday
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.vault.store import Draft, Entry

DETAINED = "detained"  # event of the catalogue
CHILDREN = {"rider", "child"}
FULL_AGE = 21  # the rules of a child end on this birthday
ADULT = 18
US, FRANCE = "us-federal", "france"
REGISTRATION_AGE, REGISTRATION_DAYS = 14, 30  # a child who was registered registers again within these days


def record_changed_facts(draft: Draft, staff: Staff, party_id: UUID, before: Party | None) -> None:
    """Record the events that follow from a person's changed facts. `before` is None for a new person."""
    after = draft.file.get(party_id, Party).record
    today = clock.today(staff.zone)
    if before is not None and (moved_on := _moved_on(before, after, today)):
        _record_event(draft, staff, party_id, "address_change", moved_on)
    _record_custody(draft, staff, party_id, before.detained_since if before else None, after.detained_since)
    record_birth(draft, staff, party_id)


def _record_custody(draft: Draft, staff: Staff, party_id: UUID, before: dt.date | None, since: dt.date | None) -> None:
    """Record that custody began as its event, where the law of this office has it, and that it ended as a step."""
    if since is None and before is not None:
        custody.record_release(draft, party_id, clock.today(staff.zone))
    elif since is not None and since != before and notices.is_of_office(staff, DETAINED):
        _replace_event(draft, staff, party_id, DETAINED, since)


def record_birth(draft: Draft, staff: Staff, party_id: UUID) -> None:
    """Record a person's date of birth as the events that it is, by age, role and the relief sought.

    A birth known only in part counts from the earliest day. An event that is recorded with this day already stays; one
    with another day is corrected, and ends where the birth is not known any more.
    """
    person = draft.file.get(party_id, Party).record
    if person.birth is None:
        for entry in _births_of(draft, party_id).values():
            date_corrections.end_date(draft, staff, entry.id)
        return
    born_on, packs = person.birth.earliest, what_if.packs_in_use(staff)
    relief = draft.file.get_only(Case).record.relief
    fitting = _birth_events(person.role, relief, packs, _Age(born_on, clock.today(staff.zone)))
    for what in dict.fromkeys((*_births_of(draft, party_id), *fitting)):
        known = _births_of(draft, party_id).get(what)
        if known is None or known.record.dated_on != born_on:
            answers = known.record.facts if known else {}
            new = NewNotice(what=what, dated_on=born_on, parties=(party_id,), answers=answers)
            notices.record_in_draft(draft, staff, new)


def _births_of(draft: Draft, party_id: UUID) -> dict[str, Entry[Notice]]:
    """Return what is recorded of a person's birth, by event of the catalogue."""
    current = kept_dates.current_dates(draft.file, party_id)
    return {entry.record.what: entry for entry in current if entry.record.event == kept_dates.BIRTH}


class _Age(NamedTuple):
    """The earliest possible birth and today."""

    born_on: dt.date
    today: dt.date

    def is_under(self, age: int, *, days: int = 0) -> bool:
        """Return True before the birthday of this age, or within some days after it."""
        return self.today < birthday(self.born_on, age) + dt.timedelta(days=days)


def _birth_events(role: str, relief: tuple[str, ...], packs: Set[str], age: _Age) -> Iterator[str]:
    """Yield the events of the catalogue that a birth date is for a person of this age and role."""
    is_client, is_child = role in CLIENT_ROLES, role in CHILDREN
    if US in packs:
        if age.is_under(REGISTRATION_AGE, days=REGISTRATION_DAYS) and is_client:
            yield "born_registration"
        if age.is_under(ADULT) and role == "lead":  # a child without a parent in the case may be unaccompanied
            yield "born_unaccompanied"
        if age.is_under(FULL_AGE):
            yield from (event for name, event, fits in _relief_events(is_client, is_child) if name in relief and fits)
    if FRANCE in packs and age.is_under(ADULT) and is_client:
        yield "born_permit"


def _relief_events(is_client: bool, is_child: bool) -> tuple[tuple[str, str, bool], ...]:
    """Return (relief, event, does the role fit) of the rules that end on the 21st birthday."""
    return ("sij", "born_sij", is_client), ("asylum", "born_derivative", is_child), ("vawa", "born_vawa", is_client)


def _moved_on(before: Party, after: Party, today: dt.date) -> dt.date | None:
    """Return the day of the move; None where no address was known before, or the addresses are the same."""
    known = {contact.text.strip() for contact in before.contacts if contact.way == "address"}
    new = [c for c in after.contacts if c.way == "address" and c.text.strip() and c.text.strip() not in known]
    return (new[0].from_on or today) if known and new else None


def _recorded(draft: Draft, what: str, party_id: UUID) -> list[tuple[UUID, Notice]]:
    entries = draft.file.entries_of(Notice)
    return [
        (entry.id, entry.record)
        for entry in entries
        if (entry.record.what, entry.record.parties) == (what, (party_id,))
    ]


def _replace_event(draft: Draft, staff: Staff, party_id: UUID, what: str, on: dt.date) -> None:
    """Record an event in place of an earlier one of the same kind; the earlier dates stay visible as superseded."""
    closed = [
        entry
        for notice_id, _notice in _recorded(draft, what, party_id)
        for entry in starts.supersede_deadlines(draft, staff, trigger=notice_id)
    ]
    new_id = _record_event(draft, staff, party_id, what, on)
    started = [entry.id for entry in draft.file.entries_of(Deadline) if entry.record.trigger == new_id]
    starts.link_successors(draft, closed, started)


def _record_event(draft: Draft, staff: Staff, party_id: UUID, what: str, on: dt.date) -> UUID:
    return notices.record_in_draft(draft, staff, NewNotice(what=what, dated_on=on, parties=(party_id,), again=True))
