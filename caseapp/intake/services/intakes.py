"""An intake: a case file of stage "intake" from its first saved answer. Each step is saved separately.

What is a fact of a person or of the case is stored there, and nowhere else: accepting an intake copies nothing.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases
from caseapp.cases.services.cases import NewCase
from caseapp.clients.services import duplicates, person_facts
from caseapp.clients.services.duplicates import OTHER, SAME
from caseapp.deadlines.services import notices
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.person_dates import birth_and_arrival
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.lib.partial_dates import PartialDate
from caseapp.records import names
from caseapp.records.answer import INTAKE, Answer, Waiting
from caseapp.records.case import Case
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.store import Draft, Entry, SealedFile

SAFETY, WHO, CONFLICT, SITUATION, DATES, DECISION = "safety", "who", "conflict", "situation", "dates", "decision"


@dataclass(frozen=True, kw_only=True)
class FirstFacts:
    """First answers of an intake. `answers` are those that are facts of no record: can we talk now, who is detained."""

    name: str
    contacts: Sequence[Contact] = ()
    careful: str = ""
    born: PartialDate | None = None
    detained_since: dt.date | None = None
    answers: Mapping[str, str]
    waiting: Waiting | None = None
    group: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Relative:
    """A person of the family, or on the other side, who is named at intake."""

    name: str
    role: str  # one of the roles of records.party
    relation: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """The step "Who": the person as typed, the last arrival, one more relative, and who sent them."""

    party: Party
    version: int
    arrived_on: dt.date | None = None
    relative: Relative | None = None
    referred_by: str = ""


@dataclass(frozen=True, kw_only=True)
class PriorOrder:
    """An earlier removal order, as far as the person knows it."""

    period: str
    authority: str = ""
    country: str = ""
    result: str = ""


def intake_of(file: SealedFile) -> Entry[Answer] | None:
    """Return the record of a case's intake; None for a case without one."""
    return next((entry for entry in file.entries_of(Answer) if entry.record.tree == INTAKE), None)


def client_of(file: SealedFile) -> Entry[Party]:
    """Return the person whose intake it is. Raises NotFound for a case without a client."""
    client = next((entry for entry in file.entries_of(Party) if entry.record.role == "lead"), None)
    if client is None:
        raise NotFound(f"case {file.id} has no client")
    return client


def open_intake(staff: Staff, first: FirstFacts) -> UUID:
    """Open an intake with what was asked first. Return the id of its case. Raises Refused as a new case does."""
    born = first.born
    new = NewCase(
        name=first.name,
        born_on=born.exact if born else None,
        born_period=str(born) if born and born.exact is None else "",
        contacts=tuple(first.contacts),
        careful=first.careful,
        stage="intake",
        group=first.group,
    )
    with cases.open_case_draft(staff, new) as (draft, party_id):
        today = clock.today(staff.zone)
        draft.add(
            Answer(
                tree=INTAKE,
                party=party_id,
                answers=dict(first.answers),
                steps=() if first.waiting else (SAFETY,),
                began_on=today,
                waiting=first.waiting,
            )
        )
        _set_custody(draft, staff, party_id, first.detained_since)
        return draft.file.id


def save_safety(staff: Staff, case_id: UUID, first: FirstFacts, *, version: int) -> None:
    """Save the step "Safety" of an intake. Raises EditConflict when the person was changed since `version`."""
    with case_transaction(staff, case_id) as draft:
        entry = client_of(draft.file)
        changed = replace(
            entry.record,
            name=_name_of(entry.record, first.name),
            contacts=tuple(first.contacts),
            careful=first.careful,
            born_on=first.born.exact if first.born else None,
            born_period=str(first.born) if first.born and first.born.exact is None else "",
        )
        birth_and_arrival.refuse_arrival_before_birth(changed, "born_on")
        draft.change(entry.id, changed, version=version)
        person_facts.record_changed_facts(draft, staff, entry.id, entry.record)
        _set_custody(draft, staff, entry.id, first.detained_since)
        change_intake(draft, staff, step=SAFETY, answers=first.answers)


def save_who(staff: Staff, case_id: UUID, facts: PersonFacts) -> None:
    """Save the step "Who". Raises EditConflict, and Refused for dates that do not fit together."""
    birth_and_arrival.refuse_arrival_before_birth(facts.party, "born_on")
    with case_transaction(staff, case_id) as draft:
        entry = client_of(draft.file)
        draft.change(entry.id, facts.party, version=facts.version)
        person_facts.record_changed_facts(draft, staff, entry.id, entry.record)
        if facts.arrived_on is not None and facts.arrived_on != entry.record.last_arrival_on:
            birth_and_arrival.set_arrival(draft, staff, entry.id, facts.arrived_on, entry.record.arrival_facts)
        if facts.relative is not None:
            _add_relative(draft, staff, facts.relative)
        case = draft.file.get_only(Case)
        if case.record.referred_by != facts.referred_by:
            draft.change(case.id, replace(case.record, referred_by=facts.referred_by))
        change_intake(draft, staff, step=WHO)


def save_situation(staff: Staff, case_id: UUID, *, about: str, relief: Sequence[str], story: str = "") -> None:
    """Save what the person asks for, the possible paths, and what they say in their own words."""
    with case_transaction(staff, case_id) as draft:
        case = draft.file.get_only(Case)
        if tuple(relief) != case.record.relief:
            draft.change(case.id, replace(case.record, relief=tuple(relief)))
            for person in draft.file.entries_of(Party):
                person_facts.record_birth(draft, staff, person.id)
        if story.strip():
            draft.add(Note(text=story, story=True))
        change_intake(draft, staff, step=SITUATION, answers={"about": about})


def mark_saved(staff: Staff, case_id: UUID, step: str) -> None:
    """Store that a step of an intake is finished."""
    with case_transaction(staff, case_id) as draft:
        change_intake(draft, staff, step=step)


def record_date(staff: Staff, case_id: UUID, new: NewNotice) -> bool:
    """Record a document's date about the person; its deadlines start, not yet confirmed. Return if one has passed."""
    with case_transaction(staff, case_id) as draft:
        person = client_of(draft.file).id
        record_id = notices.record_in_draft(draft, staff, dataclasses.replace(new, parties=(person,)))
        change_intake(draft, staff, step=DATES)
        return notices.has_passed_deadline(draft, record_id, clock.today(staff.zone))


def record_prior_order(staff: Staff, case_id: UUID, order: PriorOrder) -> None:
    """Store an earlier removal order in the person's history."""
    with case_transaction(staff, case_id) as draft:
        draft.add(
            History(
                what="prior_order",
                party=client_of(draft.file).id,
                from_period=order.period,
                authority=order.authority,
                country=order.country,
                result=order.result,
            )
        )
        change_intake(draft, staff, step=DATES)


def decide_duplicates(staff: Staff, case_id: UUID, answers: Mapping[UUID, str]) -> None:
    """Store for each person who may be the same what a member decided: the same person, or not."""
    with case_transaction(staff, case_id) as draft:
        entry = client_of(draft.file)
        alike = duplicates.find_duplicates(staff, entry.record, case_id=case_id, party_id=entry.id)
        known = {each.person.id: each for each in alike}
        same = [(known[each].case_id, each) for each, answer in answers.items() if each in known and answer == SAME]
        others = [each for each, answer in answers.items() if each in known and answer == OTHER]
        changed = replace(
            entry.record,
            same_as=(*entry.record.same_as, *same),
            not_the_same=(*entry.record.not_the_same, *others),
        )
        draft.change(entry.id, changed)


def put_on_waiting_list(staff: Staff, case_id: UUID, waiting: Waiting) -> None:
    """Put an intake on the waiting list, or change its place. Raises Refused once it is decided."""
    with case_transaction(staff, case_id) as draft:
        entry = _intake_in(draft, staff)
        if entry.record.decision is not None:
            raise Refused("reason", "This intake is decided. It is not on the waiting list any more.")
        since = entry.record.waiting.since if entry.record.waiting is not None else waiting.since
        draft.change(entry.id, replace(entry.record, waiting=replace(waiting, since=since)))


def take_off_waiting_list(staff: Staff, case_id: UUID) -> None:
    """Take an intake off the waiting list: it is worked on again."""
    with case_transaction(staff, case_id) as draft:
        entry = _intake_in(draft, staff)
        draft.change(entry.id, replace(entry.record, waiting=None))


def change_intake(draft: Draft, staff: Staff, *, step: str, answers: Mapping[str, str] | None = None) -> None:
    """Store in a draft that a step is saved, with its answers. A case without an intake record gets one."""
    entry = _intake_in(draft, staff)
    steps = entry.record.steps if step in entry.record.steps else (*entry.record.steps, step)
    draft.change(entry.id, replace(entry.record, steps=steps, answers={**entry.record.answers, **(answers or {})}))


def _intake_in(draft: Draft, staff: Staff) -> Entry[Answer]:
    entry = intake_of(draft.file)
    if entry is None:
        case = draft.file.get_only(Case).record
        began_on = case.opened_on or clock.today(staff.zone)
        draft.add(Answer(tree=INTAKE, party=client_of(draft.file).id, began_on=began_on))
        entry = intake_of(draft.file)
    assert entry is not None
    return entry


def _name_of(party: Party, typed: str) -> Name:
    full = names.clean_full_name(typed)
    return party.name if party.name.full == full else Name(full=full)


def _set_custody(draft: Draft, staff: Staff, party_id: UUID, since: dt.date | None) -> None:
    """Record since when the person is detained, with what follows, as the person's own page does."""
    party = draft.file.get(party_id, Party).record
    if party.detained_since != since:
        draft.change(party_id, replace(party, detained_since=since))
        person_facts.record_changed_facts(draft, staff, party_id, party)


def _add_relative(draft: Draft, staff: Staff, relative: Relative) -> None:
    party = Party(role=relative.role, name=Name(full=names.clean_full_name(relative.name)), relation=relative.relation)
    party_id = draft.add(party)
    person_facts.record_changed_facts(draft, staff, party_id, None)
