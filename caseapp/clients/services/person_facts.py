"""Facts of a person that are events: a new address, custody, a birth date. Saving one records its event.

It calls `deadlines.services.notices`: the same event and deadlines, whichever page records them.
"""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.clients.services import custody
from caseapp.deadlines.services import notices, starts
from caseapp.deadlines.services.notices import NewNotice
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft

CLIENTS = {"lead", "rider"}
DETAINED = "detained"  # event of the catalogue
CHILDREN = {"rider", "child"}
FULL_AGE = 21  # the rules of a child end on this birthday


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
    """Record a person's birth date as the events of the case's relief; one that is recorded already stays."""
    person = draft.file.get(party_id, Party).record
    if person.born_on is None or _is_of_full_age(person.born_on, clock.today(staff.zone)):
        return
    for what in _birth_events(person.role, draft.file.get_only(Case).record.relief):
        if not any(notice.dated_on == person.born_on for _id, notice in _recorded(draft, what, party_id)):
            _replace_event(draft, staff, party_id, what, person.born_on)


def _birth_events(role: str, relief: tuple[str, ...]) -> Iterator[str]:
    """Yield the events of the catalogue that a birth date is, by the relief sought."""
    if "sij" in relief and role in CLIENTS:
        yield "born_sij"
    if "asylum" in relief and role in CHILDREN:
        yield "born_derivative"


def _is_of_full_age(born_on: dt.date, today: dt.date) -> bool:
    return (today.year - born_on.year, today.month, today.day) >= (FULL_AGE, born_on.month, born_on.day)


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
