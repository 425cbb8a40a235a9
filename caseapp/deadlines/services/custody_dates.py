"""Deadlines that change when a client is taken into custody or released: listed first, changed where a person chooses.

Two kinds change: those of an event whose questions ask if the person is detained, and those added by hand from a rule
that counts otherwise for a detained person.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.office_law import Law
from caseapp.deadlines.services import changes, event_deadlines, starts
from caseapp.deadlines.services.event_deadlines import RecordedEvent
from caseapp.deadlines.services.triggers import DeadlineStart
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

ASKED_AT_NOTICE = "fr_detained"
QUESTIONS = ("detained_now", ASKED_AT_NOTICE)  # questions of the catalogue that ask if the person is detained
RELEASED = "released"  # event of the catalogue, and a step of a person's custody
VARIANT = "detained"  # reading of a rule that counts otherwise for a detained person
CLIENTS = ("lead", "rider")


@dataclass(frozen=True)
class CustodyDates:
    """Open deadlines that custody or a release changes, and those that would be in their place.

    `key` names the change on a page; `trigger` is the record that they follow from, None for one added by hand.
    """

    key: str
    trigger: UUID | None
    parties: tuple[UUID, ...]
    was: tuple[Entry[Deadline], ...]
    would: tuple[Deadline, ...]


class _Source(NamedTuple):
    """A recorded event that deadlines follow from, as the catalogue computes it."""

    id: UUID
    parties: tuple[UUID, ...]
    recorded: RecordedEvent
    by_mail: bool


def custody_of(file: SealedFile, parties: tuple[UUID, ...] = ()) -> bool | None:
    """Return True while one of these persons is detained, False once they were released, None if neither is recorded.

    parties  () for the clients of the case
    """
    concerned = [
        entry for entry in file.entries_of(Party) if (entry.id in parties if parties else entry.record.role in CLIENTS)
    ]
    if any(entry.record.detained_since for entry in concerned):
        return True
    ids = {entry.id for entry in concerned}
    return False if any(_names_one(release, ids) for release in _releases(file)) else None


def _releases(file: SealedFile) -> Iterator[tuple[UUID, ...]]:
    """Yield whom each recorded release concerns; () is every client."""
    yield from (notice.record.parties for notice in file.entries_of(Notice) if notice.record.what == RELEASED)
    steps = (entry.record for entry in file.entries_of(CustodyStep))
    yield from ((step.party,) for step in steps if step.what == RELEASED and step.party)


def _names_one(release: tuple[UUID, ...], persons: set[UUID]) -> bool:
    return not release or not persons.isdisjoint(release)


def list_custody_dates(law: Law, file: SealedFile, *, today: dt.date) -> tuple[CustodyDates, ...]:
    """Return the deadlines that differ from what they are for the client's custody now."""
    by_event = (change for source in _sources(file) for change in _changes_of_event(law, file, source, today))
    return (*by_event, *_changes_by_hand(law, file))


def change_custody_dates(draft: Draft, staff: Staff, change: CustodyDates) -> None:
    """Add the deadlines of a change to the draft; they supersede the old ones, which stay visible."""
    owner = next((entry.record.owner for entry in change.was), None)
    new_ids = [
        draft.add(replace(deadline, trigger=change.trigger, parties=change.parties, owner=owner))
        for deadline in change.would
    ]
    today = clock.today(staff.zone)
    for entry in change.was:
        instead = new_ids[0] if new_ids else None
        draft.change(entry.id, changes.as_superseded(entry.record, by=staff.member_id, on=today, instead=instead))


def _sources(file: SealedFile) -> Iterator[_Source]:
    """Yield the recorded events that ask about custody, each with today's answer."""
    events = rules.catalogue()
    for notice in file.entries_of(Notice):
        event = events.events.get(notice.record.what)
        if event is not None:
            known = {name: text for name, text in notice.record.facts.items() if text}
            yield from _source(file, notice, event, notice.record.dated_on, known)
    for hearing in file.entries_of(Hearing):
        outcome = hearing.record.outcome
        event = events.by_outcome.get(outcome.decision) if outcome is not None else None
        if event is not None and outcome is not None and outcome.decided_on:
            yield from _source(file, hearing, event, outcome.decided_on, {})


def _source(
    file: SealedFile,
    entry: Entry[Notice] | Entry[Hearing],
    event: rules.CatalogueEvent,
    on: dt.date,
    known: dict[str, str],
) -> Iterator[_Source]:
    """Yield the event with today's answer; nothing where it does not ask, or no custody is recorded."""
    record = entry.record
    questions, detained = [name for name in QUESTIONS if name in event.ask], custody_of(file, record.parties)
    # An answer that was never known keeps the earliest date after a release too.
    is_unknown = not detained and ASKED_AT_NOTICE in questions and not known.get(ASKED_AT_NOTICE)
    if not questions or detained is None or is_unknown:
        return
    answers = {**known, **dict.fromkeys(questions, "yes" if detained else "no")}
    printed = record.printed_due_on if isinstance(record, Notice) else None
    asking = replace(event, starts=_asking_starts(event), follows="")
    recorded = RecordedEvent(event=asking, on=on, printed=printed, answers=answers)
    yield _Source(entry.id, record.parties, recorded, isinstance(record, Notice) and record.how == "mail")


def _asking_starts(event: rules.CatalogueEvent) -> tuple[rules.EventStart, ...]:
    """Return the starts of an event that depend on custody, with the others of which only one can apply."""
    asking = [start for start in event.starts if any(name in start.when for name in QUESTIONS)]
    groups = {start.one_of for start in asking if start.one_of}
    return tuple(start for start in event.starts if start in asking or start.one_of in groups)


def _changes_of_event(law: Law, file: SealedFile, source: _Source, today: dt.date) -> Iterator[CustodyDates]:
    of_event = [entry for entry in file.entries_of(Deadline) if entry.record.trigger == source.id]
    groups: dict[str, set[str]] = {}
    for start in source.recorded.event.starts:
        groups.setdefault(start.one_of or start.rule, set()).add(start.rule)
    computed = _computed(law, source, today)
    for name, group in groups.items():
        known = [entry for entry in of_event if _rule_of(entry.record) in group]
        if any(entry.record.state in {"done", "waived"} for entry in known):
            continue  # a person has closed this matter: custody does not open it again
        was = tuple(entry for entry in known if entry.record.state == "open")
        would = tuple(deadline for deadline in computed if _rule_of(deadline) in group)
        if was and any(_is_open_elsewhere(file, source.id, deadline) for deadline in would):
            would = ()  # the event that began custody started this date already: the old one ends
        if _differ(was, would):
            yield CustodyDates(f"{source.id}:{name}", source.id, source.parties, was, would)


def _is_open_elsewhere(file: SealedFile, trigger: UUID, wanted: Deadline) -> bool:
    """Return True when another event started an open deadline by the same rule."""
    return any(
        entry.record.state == "open" and entry.record.trigger != trigger and _rule_of(entry.record) == _rule_of(wanted)
        for entry in file.entries_of(Deadline)
    )


def _computed(law: Law, source: _Source, today: dt.date) -> list[Deadline]:
    circumstances = starts.Circumstances(by_mail=source.by_mail)
    try:
        return event_deadlines.compute_event_deadlines(law, source.recorded, circumstances, today=today)
    except Refused:
        return []  # a date that the rule needs is not known: nothing can be said before it is entered


def _changes_by_hand(law: Law, file: SealedFile) -> Iterator[CustodyDates]:
    """Yield the deadlines added by hand whose rule counts otherwise for a detained person."""
    for entry in file.entries_of(Deadline):
        record = entry.record
        if record.state != "open" or record.trigger is not None or record.working is None:
            continue
        detained = custody_of(file, record.parties)
        if detained is None or detained == (record.working.position == VARIANT):
            continue
        if would := _counted_otherwise(law, record):
            yield CustodyDates(str(entry.id), None, record.parties, (entry,), (would,))


def _counted_otherwise(law: Law, record: Deadline) -> Deadline | None:
    """Return the deadline by the other reading; None for a rule that counts the same."""
    working = record.working
    assert working is not None
    if working.rule not in law.book.known_names.rules:
        return None
    rule = law.book.versions_of(working.rule)[-1]
    if not any(reading.id == VARIANT and reading.role == "variant" for reading in law.book.readings_of(rule)):
        return None
    wanted = working.rule if working.position == VARIANT else f"{working.rule}@{VARIANT}"
    events = {name: _moment(text) for name, text in working.events.items()}
    try:
        computed = starts.compute_for_office(law, DeadlineStart(wanted, ""), events)
    except Refused:
        return None
    return replace(computed, reason=record.reason)


def _moment(text: str) -> starts.Moment:
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def _rule_of(deadline: Deadline) -> str:
    return deadline.working.rule if deadline.working else ""


def _differ(was: tuple[Entry[Deadline], ...], would: tuple[Deadline, ...]) -> bool:
    """Return True when another rule or reading counts. Dates alone may differ for other reasons, as a changed law."""
    return {_reading_of(entry.record) for entry in was} != {_reading_of(deadline) for deadline in would}


def _reading_of(deadline: Deadline) -> tuple[str, bool]:
    return _rule_of(deadline), deadline.working is not None and deadline.working.position == VARIANT
