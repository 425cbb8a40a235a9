"""Dates of a person that are kept once: the notice that records each, for one person, and what replaces it.

A later date of the same kind replaces it. `clients.services.date_corrections` corrects and removes it.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.services import starts
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.vault.store import Draft, Entry, SealedFile

PERSON = "person"  # the place of record of these events in the catalogue
ARRIVAL, BIRTH = "last_arrival", "birth_date"
# Each is an occurrence of its own: a later one replaces no earlier one.
RECURRING = frozenset({"address_change", "moved_in_france", "country_change"})


def is_kept_once(event: rules.CatalogueEvent) -> bool:
    """Return True for a date of a person of which the newest entry is the one that counts."""
    return event.recorded_on == PERSON and event.id not in RECURRING


def persons_of_date(file: SealedFile, parties: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Return whose date it is: the persons chosen, or the only client of the case.

    Raises Refused where the case has several clients and none is chosen, NotFound for a person of another case.
    """
    if parties:
        return tuple(file.get(party_id, Party).id for party_id in dict.fromkeys(parties))
    clients = _clients_of(file)
    if len(clients) != 1:
        raise Refused("parties", "Choose whose date this is.")
    return tuple(clients)


def current_dates(file: SealedFile, party_id: UUID) -> list[Entry[Notice]]:
    """Return the dates of a person that count: neither removed nor replaced by a later entry."""
    events = rules.catalogue().events
    return [
        entry
        for entry in file.entries_of(Notice)
        if entry.record.what in events
        and events[entry.record.what].recorded_on == PERSON
        and entry.record.removed_on is None
        and entry.record.replaced_by is None
        and _concerns(file, entry.record, party_id)
    ]


def refuse_repeated(file: SealedFile, event: rules.CatalogueEvent, party_id: UUID, on: dt.date) -> None:
    """Raise Refused when the same kind of date with the same day is recorded for the person already."""
    known: list[dt.date | None] = [
        entry.record.dated_on for entry in current_dates(file, party_id) if entry.record.what == event.id
    ]
    if event.id == ARRIVAL:
        known.append(file.get(party_id, Party).record.last_arrival_on)
    if on in known:
        raise Refused(
            "dated_on", "This date is recorded for this person already. Change its answers on the page of the person."
        )


def replace_earlier(draft: Draft, staff: Staff, notice_id: UUID) -> list[Entry[Deadline]]:
    """Mark earlier dates of the same kind and person as replaced by a new one, and return the deadlines that end."""
    new = draft.file.get(notice_id, Notice).record
    closed = []
    for entry in current_dates(draft.file, new.parties[0]):
        if entry.id == notice_id or entry.record.what != new.what or not _is_only_of(draft.file, entry.record, new):
            continue
        closed += starts.supersede_deadlines(draft, staff, trigger=entry.id)
        draft.change(entry.id, replace(entry.record, replaced_by=notice_id))
    return closed


def end_same_rules(draft: Draft, staff: Staff, notice_id: UUID, new_ids: Iterable[UUID]) -> list[Entry[Deadline]]:
    """End what another date of the person started by the same rules, and return it: the newest entry counts.

    The two dates of one status, granted and valid until, are two kinds of date that start one rule.
    """
    new = draft.file.get(notice_id, Notice).record
    started = {record.working.rule for record in _deadlines(draft.file, new_ids) if record.working is not None}
    others = [entry for entry in current_dates(draft.file, new.parties[0]) if entry.id != notice_id]
    return [
        closed
        for entry in others
        if _is_only_of(draft.file, entry.record, new)
        for closed in starts.supersede_deadlines(draft, staff, trigger=entry.id, rules=started)
    ]


def carry_over(draft: Draft, closed: Iterable[Entry[Deadline]], *, with_filings: bool = False) -> None:
    """Give each deadline that replaces another one its owner, and after a correction what was filed for it."""
    for entry in closed:
        successor = draft.file.get(entry.id, Deadline).record.superseded_by
        if successor is None:
            continue
        record = draft.file.get(successor, Deadline).record
        filings = entry.record.filings if with_filings else record.filings
        carried = replace(record, owner=entry.record.owner or record.owner, filings=filings)
        if carried != record:
            draft.change(successor, carried)


def _deadlines(file: SealedFile, ids: Iterable[UUID]) -> list[Deadline]:
    return [file.get(deadline_id, Deadline).record for deadline_id in ids]


def _clients_of(file: SealedFile) -> list[UUID]:
    return [entry.id for entry in file.entries_of(Party) if entry.record.role in CLIENT_ROLES]


def _concerns(file: SealedFile, notice: Notice, party_id: UUID) -> bool:
    """Return True for a date of the person; an older one that names no person is of every client."""
    return party_id in notice.parties or (not notice.parties and party_id in _clients_of(file))


def _is_only_of(file: SealedFile, notice: Notice, new: Notice) -> bool:
    """Return True when an earlier date is of no other person than the new one, so that the new one may replace it."""
    return (notice.parties or tuple(_clients_of(file))) == new.parties
