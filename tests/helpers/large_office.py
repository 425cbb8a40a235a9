"""A large office, made in bulk: an index of fictional cases without files, and one case with some 2,000 records."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.index import store
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
# A long name of two families, as some offices write them on every case.
LONG_NAME = "María de los Ángeles Guadalupe Hernández-Xiloj y Ramírez de la Concepción"


def fill_index(staff: Staff, cases: int) -> None:
    """Add rows of cases that have no file: lists, Today and calendar show them, and none of them opens."""
    rows = list(fictional_cases(cases, staff.member_id))
    group = staff.keys.groups[0].group
    for start in range(0, cases, BATCH):
        with office_transaction(staff.org_id):
            store.save(staff.keys, {group: rows[start : start + BATCH]})


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
    text = f"{number}. " + "The landlord of the client's sister writes that the school records are in Herat. " * 3
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
