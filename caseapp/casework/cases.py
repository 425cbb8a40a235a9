"""Acts on the case as a whole, its people, notes and tasks."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from msgspec.structs import replace

from caseapp.accounts import office_recovery
from caseapp.accounts.keys import Staff
from caseapp.cases.records import Case, Note, Task
from caseapp.cases.refs import new_ref
from caseapp.casework import clocks
from caseapp.casework.change import changing, opening
from caseapp.casework.triggers import LAST_ARRIVAL
from caseapp.deadlines.records import Deadline
from caseapp.documents.records import Document
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.people import names
from caseapp.people.contacting import TEXT, ContactAttempt
from caseapp.people.records import Contact, Name, Party
from caseapp.vault import store, tenancy
from caseapp.vault.models import VaultCase

NOTE_LIMIT = 50_000  # characters
UNDONE = (Note, Task, Document, Deadline, ContactAttempt, type(None))  # None: taken out before, and put back


def open_case(
    staff: Staff,
    *,
    name: str,
    other_names: Sequence[str] = (),
    pronouns: str = "",
    a_number: str = "",
    born_on: dt.date | None = None,
    born_in: str = "",
    citizenships: Sequence[str] = (),
    languages: Sequence[str] = (),
    contacts: Sequence[Contact] = (),
    careful: str = "",
    last_arrival_on: dt.date | None = None,
    stage: str = "intake",
    relief: Sequence[str] = (),
    story: str = "",
    group: UUID | None = None,
) -> UUID:
    """A new case for a person; the one-year asylum deadline follows from the last arrival. Answers the case id.

    It is open to one team only: the first one is in, unless `group` names another. Raises Refused for a name or
    A-Number that cannot be one, for a date of birth or arrival after today, for somebody in no team, and for a second
    case before the office's recovery was test-opened; NoKey.
    """
    _refuse_before_recovery(staff)
    today = clock.today(staff.zone)
    party = Party(
        role="lead",
        name=Name(full=names.full_name(name)),
        other_names=tuple(Name(full=names.full_name(other)) for other in other_names if other.strip()),
        pronouns=pronouns,
        a_number=names.a_number(a_number),
        born_on=_past(born_on, today, "born_on", "The date of birth is after today."),
        born_in=born_in,
        citizenships=tuple(citizenships),
        languages=tuple(languages),
        contacts=tuple(contacts),
        careful=careful,
        last_arrival_on=_past(last_arrival_on, today, "last_arrival_on", "The last arrival is after today."),
    )
    case = Case(
        ref=new_ref(), stage=stage, relief=tuple(relief), lead=staff.member_id, team=(staff.member_id,), opened_on=today
    )
    if not staff.keys.teams:
        raise Refused("group", "You are in no team yet. Ask an admin to let you into one.")
    team = staff.keys.teams[0] if group is None else staff.keys.group(group)
    with opening(staff, team) as draft:
        draft.add(case)
        party_id = draft.add(party)
        if story.strip():
            draft.add(Note(text=story, story=True))
        if last_arrival_on is not None:
            clocks.start(
                draft,
                staff,
                LAST_ARRIVAL,
                last_arrival_on,
                trigger=party_id,
                parties=(party_id,),
                owner=staff.member_id,
            )
        return draft.file.id


def _refuse_before_recovery(staff: Staff) -> None:
    """One case is for trying out; before the next one there is a tested way back for the whole office."""
    if not settings.RECOVERY_GATE:
        return
    with tenancy.office(staff.org_id):
        others = VaultCase.objects.filter(org_id=staff.org_id).exclude(case_id=staff.keys.office_file)
        if others.exists() and not office_recovery.is_tested(staff.keys):
            raise Refused(
                "recovery",
                "Before a second case, set up the office's recovery and test it. An admin finds it at People.",
            )


def _past(day: dt.date | None, today: dt.date, code: str, sentence: str) -> dt.date | None:
    if day is not None and day > today:
        raise Refused(code, sentence)
    return day


def set_last_arrival(staff: Staff, case_id: UUID, party_id: UUID, arrived_on: dt.date, *, version: int) -> None:
    """Give or correct a person's last arrival; an older one-year deadline stays visible as superseded."""
    _past(arrived_on, clock.today(staff.zone), "last_arrival_on", "The last arrival is after today.")
    with changing(staff, case_id) as draft:
        party = draft.file.get(party_id, Party)
        draft.change(party_id, replace(party.record, last_arrival_on=arrived_on), version=version)
        closed = clocks.supersede(draft, staff, trigger=party_id)
        made = clocks.start(draft, staff, LAST_ARRIVAL, arrived_on, trigger=party_id, parties=(party_id,))
        clocks.name_successors(draft, closed, made)


def change_person(staff: Staff, case_id: UUID, party_id: UUID, party: Party, *, version: int) -> None:
    """Save what is known of a person. Raises EditConflict when somebody else saved since `version`."""
    with changing(staff, case_id) as draft:
        draft.change(party_id, party, version=version)


def add_person(staff: Staff, case_id: UUID, party: Party) -> UUID:
    """A rider or another party of the case."""
    with changing(staff, case_id) as draft:
        return draft.add(party)


def add_note(staff: Staff, case_id: UUID, *, text: str, told_by: str = "", story: bool = False) -> UUID:
    """Write down what was said or done. Raises Refused when it is empty or over 50,000 characters."""
    with changing(staff, case_id) as draft:
        return draft.add(Note(text=_note_text(text), told_by=told_by, story=story))


def change_note(staff: Staff, case_id: UUID, note_id: UUID, *, text: str, version: int) -> None:
    """Correct a note. Raises EditConflict when somebody else saved it since `version`."""
    with changing(staff, case_id) as draft:
        note = draft.file.get(note_id, Note)
        draft.change(note_id, replace(note.record, text=_note_text(text)), version=version)


def _note_text(text: str) -> str:
    if not text.strip():
        raise Refused("text", "Write the note first.")
    if len(text) > NOTE_LIMIT:
        raise Refused("text", f"This note has {len(text)} characters. The limit is {NOTE_LIMIT}: make two of it.")
    return text


def add_task(
    staff: Staff, case_id: UUID, *, text: str, due_on: dt.date | None = None, owner: UUID | None = None
) -> UUID:
    """Something somebody does. Raises Refused when it is empty or over 500 characters."""
    if not text.strip() or len(text) > 500:
        raise Refused("text", "Write what is to be done, in at most 500 characters.")
    with changing(staff, case_id) as draft:
        return draft.add(Task(text=text.strip(), due_on=due_on, owner=owner or staff.member_id))


def finish_task(staff: Staff, case_id: UUID, task_id: UUID, *, done: bool = True) -> None:
    """Tick a task, or take the tick back."""
    with changing(staff, case_id) as draft:
        task = draft.file.get(task_id, Task)
        on, by = (clock.today(staff.zone), staff.member_id) if done else (None, None)
        draft.change(task_id, replace(task.record, done_on=on, done_by=by))


def change_case(staff: Staff, case_id: UUID, *, version: int, **changes: object) -> None:
    """Stage, relief, lead, team, review date: fields of `Case`. Raises EditConflict."""
    with changing(staff, case_id) as draft:
        case = draft.file.one(Case)
        draft.change(case.id, replace(case.record, **changes), version=version)


def undo(staff: Staff, case_id: UUID, record_id: UUID, version: int) -> None:
    """Take back the change that made `version` of a record; for a new record, take it out. 30 days long.

    Raises EditConflict when the record was changed again since, NotFound when the past is no longer kept, Refused for a
    kind on which other records rest (a person, a hearing, the case): those are changed or closed, not undone.
    """
    with changing(staff, case_id) as draft:
        standing = draft.file.entries[record_id].record if record_id in draft.file.entries else None
        # A text that went out cannot be taken back: undone, it would be sent once more.
        is_text = isinstance(standing, ContactAttempt) and standing.way == TEXT
        if is_text or not isinstance(standing, UNDONE):
            raise Refused("undo", "This cannot be undone here. Change it instead.")
        if version == 1:
            draft.remove(record_id, version=1)
            return
        entry = draft.file.entries.get(record_id)
        earlier = store.past_version(draft.file, record_id, version - 1)
        if entry is None:
            draft.restore(record_id, earlier, version + 1)
        else:
            draft.change(record_id, earlier, version=version)
