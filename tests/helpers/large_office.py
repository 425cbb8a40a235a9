"""A large office, made in bulk: an index of fictional cases without files, and one case with some 2,000 records."""

import datetime as dt
from uuid import UUID, uuid4

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.index import store
from caseapp.index.row_parts.contact import ClientRow, ReachRow, ReplyRow, StopRow
from caseapp.index.row_parts.intake import IntakeRow
from caseapp.index.rows import CaseRow, DocumentRow, TaskRow
from caseapp.records.answer import STATES
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Contact, Name, Party
from caseapp.records.task import Task
from caseapp.tools.bench.fictional_cases import fictional_cases
from caseapp.vault.registry import Record
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import NOW

BATCH = 5_000  # rows in one part of the index
TODAY = NOW.date()
NOTE = "The landlord of the client's sister writes that the school records are in Herat. " * 3
# A long name of two families, as some offices write them on every case.
LONG_NAME = "María de los Ángeles Guadalupe Hernández-Xiloj y Ramírez de la Concepción"


def fill_index(staff: Staff, cases: int) -> None:
    """Add rows of cases that have no file: lists, Today and calendar show them, and none of them opens."""
    rows = [
        (case_id, _busy_row(staff, row, at))
        for at, (case_id, row) in enumerate(fictional_cases(cases, staff.member_id))
    ]
    group = staff.keys.groups[0].group
    for start in range(0, cases, BATCH):
        with office_transaction(staff.org_id):
            store.save(staff.keys, {group: rows[start : start + BATCH]})


def _busy_row(staff: Staff, row: CaseRow, number: int) -> CaseRow:
    """Return the row with a long name; one of 40 is of this member and has something in each list of Today."""
    name = f"{LONG_NAME} {number}"
    row = replace(row, names=((name, "lead"), *row.names[1:]), closed=number % 9 == 8)
    if number % 200 == 0:
        row = replace(row, intake=IntakeRow(state=STATES[number // 200 % len(STATES)], since=TODAY, about=NOTE[:200]))
    if number % 40:
        return row
    client, me, day = uuid4(), staff.member_id, TODAY + dt.timedelta(days=3)
    hearing = replace(row.hearings[0], starts_at=NOW + dt.timedelta(days=3), goes=None)
    today = replace(row.hearings[0], id=uuid4(), starts_at=NOW + dt.timedelta(minutes=number // 40), goes=None)
    passed = TODAY - dt.timedelta(days=3 + number % 7)
    due = row.deadlines[0]
    return replace(
        row,
        lead=me,
        hearings=(hearing, today),
        deadlines=(
            replace(due, id=uuid4(), act_by=passed, due_on=passed, owner=me),
            replace(due, id=uuid4(), act_by=passed, due_on=day, owner=me),
            replace(due, id=uuid4(), act_by=day, due_on=day, owner=me, proposed=True),
            replace(due, id=uuid4(), act_by=None, due_on=day, owner=me, is_watch=True),
        ),
        tasks=(
            TaskRow(id=uuid4(), text=NOTE, owner=me, due_on=day),
            TaskRow(id=uuid4(), text=NOTE, owner=uuid4(), due_on=day),
        ),
        clients=(
            ClientRow(
                party=client,
                hearing=hearing.id,
                starts_at=hearing.starts_at,
                zone=hearing.zone,
                name=name,
                careful="Do not leave voicemail: the uncle listens to it.",
                call_on=TODAY,
                answers=(ReachRow(no_call="", no_text="no_consent", number="+12125550122"),),
            ),
        ),
        stops=(StopRow(party=client, name=name, on=TODAY),),
        replies=(ReplyRow(party=client, name=name, numbers=("+12125550122",), newest=NOW, since=NOW),),
        documents=(DocumentRow(id=uuid4(), title=f"Birth record of {name}", added_at=NOW),),
        unsorted=1,
        not_compared=number % 400 == 0,
    )


def fill_case(staff: Staff, case_id: UUID, records: int) -> None:
    """Add records of every kind that a case page lists, `records` in all, each kind as often as the others."""
    with case_transaction(staff, case_id) as draft:
        lead = draft.file.entries_of(Party)[0]
        draft.change(lead.id, replace(lead.record, name=Name(full=LONG_NAME)))
        for number in range(records):
            draft.add(_record(staff, draft, number, lead.id))


def _record(staff: Staff, draft: Draft, number: int, lead: UUID) -> Record:
    """Return one of many records; the kinds take turns."""
    turn, day = number // 10, TODAY + dt.timedelta(days=number % 90)
    at = NOW - dt.timedelta(hours=number)
    text = f"{number}. {NOTE}"
    match number % 10:
        case 0:
            return Hearing(kind="master", starts_at=NOW + dt.timedelta(days=turn), zone=staff.zone, court="Newark")
        case 1:
            held = Outcome(what="continued", text=text, recorded_by=staff.member_id, recorded_at=NOW)
            return Hearing(kind="master", starts_at=at, zone=staff.zone, court="Newark", outcome=held)
        case 2:
            return Deadline(what=f"Brief {turn}", severity="fatal", due_on=day, act_by=day, reason="order")
        case 3:
            return Deadline(
                what=f"Form {turn}", severity="routine", state="done", due_on=day, reason="order", closed_on=TODAY
            )
        case 4:
            return Document(title=f"Passport of a cousin, page {turn}", kind="identity" if turn % 2 else "")
        case 5:
            return Task(text=text, owner=staff.member_id, due_on=day if turn % 2 else None)
        case 6:
            return Party(
                role="witness",
                name=Name(full=f"{LONG_NAME} {turn}"),
                languages=("Mam", "Spanish"),
                contacts=(Contact(way="phone", text=f"(212) 555-{turn % 100:04}", safe="yes", note=text),),
            )
        case 7:
            return Notice(what="rfe", event="rfe", dated_on=TODAY - dt.timedelta(days=turn), text=text)
        case 8:
            return ContactAttempt(party=lead, way="call", result="no_answer", at=at, note=text)
    return Note(text=text, story=turn % 8 == 0)
