"""The sealed cases of a fictional office once more in plaintext, for the twin that the benches compare with."""

import datetime as dt
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from caseapp.records.case import Case
from caseapp.records.deadline import Deadline, day_to_act
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.tools.bench.large_office.office import LargeOffice
from caseapp.vault.store import Draft, SealedFile

Row = dict[str, Any]


class PlainCopy:
    """Writes a JSON object for each case into a folder, one file for each process that seals cases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write_members(self, office: LargeOffice) -> None:
        """Write the members with what they sign in with."""
        members = [
            {"member_id": str(each.member_id), "name": f"Member {number}"} | each.as_text()
            for number, each in enumerate(office.members)
        ]
        (self._folder / "members.json").write_text(json.dumps(members))

    def add(self, drafts: Sequence[Draft]) -> None:
        """Add the cases of a saved batch."""
        with (self._folder / f"cases-{os.getpid()}.jsonl").open("a") as lines:
            for draft in drafts:
                lines.write(json.dumps(_plain_case(draft.file), default=_as_text) + "\n")


def _as_text(value: object) -> str:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _plain_case(file: SealedFile) -> Row:
    return {
        "case": _case_row(file),
        "people": [_person_row(entry.id, entry.record) for entry in file.entries_of(Party)],
        "hearings": [_hearing_row(entry.id, entry.record) for entry in file.entries_of(Hearing)],
        "deadlines": [_deadline_row(entry.id, entry.record) for entry in file.entries_of(Deadline)],
        "tasks": [_task_row(entry.id, entry.record) for entry in file.entries_of(Task)],
        "notes": [_note_row(entry.id, entry.record) for entry in file.entries_of(Note)],
        "documents": [
            {"id": entry.id, "title": entry.record.title, "kind": entry.record.kind}
            for entry in file.entries_of(Document)
        ],
    }


def _case_row(file: SealedFile) -> Row:
    case = file.get_only(Case).record
    client = next(entry.record for entry in file.entries_of(Party) if entry.record.role == "lead")
    hearings = [entry.record for entry in file.entries_of(Hearing) if entry.record.outcome is None]
    following = min(hearings, key=lambda hearing: hearing.starts_at, default=None)
    due = [entry.record for entry in file.entries_of(Deadline) if entry.record.state == "open"]
    days = [(day, deadline.what) for deadline in due if (day := day_to_act(deadline)) is not None]
    next_due = min(days, default=None)
    dates = [following.starts_on] if following else []
    return {
        "id": file.id,
        "ref": case.ref,
        "stage": case.stage,
        "name": client.name.full,
        "relief": ", ".join(case.relief),
        "language": client.languages[0],
        "lead_id": case.lead,
        "detained_since": client.detained_since,
        "opened_on": case.opened_on,
        "last_contact_on": case.opened_on,
        "next_hearing_at": following.starts_at if following else None,
        "next_hearing_kind": following.kind if following else "",
        "next_due_on": next_due[0] if next_due else None,
        "next_due_what": next_due[1] if next_due else "",
        "next_on": min([*dates, *([next_due[0]] if next_due else [])], default=None),
    }


def _person_row(record_id: UUID, party: Party) -> Row:
    return {
        "id": record_id,
        "role": party.role,
        "name": party.name.full,
        "other_names": [name.full for name in party.other_names],
        "a_number": party.a_number,
        "born": str(party.birth) if party.birth else "",
        "born_in": party.born_in,
        "languages": list(party.languages),
        "contacts": [{"way": contact.way, "text": contact.text} for contact in party.contacts],
        "careful": party.careful,
        "last_arrival_on": party.last_arrival_on,
    }


def _hearing_row(record_id: UUID, hearing: Hearing) -> Row:
    names = ("kind", "starts_at", "court", "room", "judge", "interpreter")
    values = {name: getattr(hearing, name) for name in names}
    return values | {"id": record_id, "goes_id": hearing.goes, "is_over": hearing.outcome is not None}


def _deadline_row(record_id: UUID, deadline: Deadline) -> Row:
    return {
        "id": record_id,
        "what": deadline.what,
        "severity": deadline.severity,
        "act_by": day_to_act(deadline),
        "due_on": deadline.due_on,
        "owner_id": deadline.owner,
        "is_open": deadline.state == "open",
    }


def _task_row(record_id: UUID, task: Task) -> Row:
    is_open = task.done_on is None
    return {"id": record_id, "text": task.text, "owner_id": task.owner, "due_on": task.due_on, "is_open": is_open}


def _note_row(record_id: UUID, note: Note) -> Row:
    source = {"source": note.told_by, "entered_by_id": note.entered_by, "entered_at": note.entered_at}
    return {"id": record_id, "text": note.text, **source}
