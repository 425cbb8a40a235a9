"""Many cases with documents, saved a hundred at a time, with records of every kind."""

import datetime as dt
import random
from collections.abc import Sequence
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import file_storage
from caseapp.casefile.changes import batches
from caseapp.casefile.file_storage import BlobWriter
from caseapp.cases.services.refs import new_ref
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.moving.services.importing import sources
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.records.task import Task
from caseapp.tools.bench.fictional_cases import GIVEN_NAMES, SYLLABLES
from caseapp.tools.bench.moves.filled_records import FILLED, fill_record, make_record
from caseapp.vault import store
from caseapp.vault.registry import Record
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

AT_ONCE = 100  # cases of a transaction
RELIEF: tuple[tuple[str, ...], ...] = (("asylum", "cat"), ("family",), ("u",), ("tps",), ("family", "cancellation"))
SIZES = (0, 1, 900, 4_000, 65_537, 120_000)  # bytes of documents: an empty one, and one of more than a chunk
ZONE = "America/New_York"


def seed_office(staff: Staff, cases: int, documents: int, leads: Sequence[UUID]) -> None:
    """Save fictional cases. Each has a client, a relative, dates and work; every kind of record is in some of them.

    documents  how many stored files there are in all, spread over the cases
    leads      members who lead the cases in turn
    """
    files = [documents * (number + 1) // cases - documents * number // cases for number in range(cases)]
    for start in range(0, cases, AT_ONCE):
        with office_transaction(staff.org_id):
            numbers = range(start, min(start + AT_ONCE, cases))
            drafts = [_make_case(staff, number, files[number], leads) for number in numbers]
            batches.save_drafts(staff, drafts)


def _make_case(staff: Staff, number: int, files: int, leads: Sequence[UUID]) -> Draft:
    draw = random.Random(number)  # noqa: S311  # fictional cases, no key
    draft = store.new_file(staff.keys, [staff.keys.teams[0]])
    lead = leads[number % len(leads)]
    case = Case(
        ref=new_ref(),
        stage="master",
        relief=RELIEF[number % len(RELIEF)],
        lead=lead,
        team=(lead,),
        closed_on=dt.date(2026, 5, 4) if number % 40 == 39 else None,
        external_ids={"legalserver": f"26-{number:07d}", "clio.matter": str(number)},
    )
    client = draft.add(_make_person("lead", number, draw))
    draft.add(fill_record(case, number, client))
    draft.add(_make_person("child", number, draw))
    if case.closed_on is None:
        _add_dates(draft, staff, number, client, lead)
    draft.add(fill_record(Note(text=f"Told at meeting {number}. " * draw.randint(1, 30)), number, client))
    draft.add(fill_record(Task(text=f"Call {number}", owner=lead), number, client))
    for kind in FILLED if number % 10 == 0 else (FILLED[number % len(FILLED)],):
        draft.add(make_record(kind, number, client))
    for count in range(files):
        draft.add(_make_document(staff, f"{number}-{count}", draw))
    return draft


def _make_person(role: str, number: int, draw: random.Random) -> Record:
    family = "".join(draw.choices(SYLLABLES, k=3)).capitalize()
    given = draw.choice(GIVEN_NAMES)
    person = Party(
        role=role,
        name=Name(full=f"{given} {family}", given=given, family=family),
        a_number=f"{number:09d}" if role == "lead" else "",
        born_on=dt.date(1960, 1, 1) + dt.timedelta(days=draw.randint(0, 15_000)),
        citizenships=("GT",),
        born_in="GT",
        languages=("Mam", "Spanish"),
        contacts=(Contact(way="phone", text=f"212-555-{number % 10_000:04d}", safe="no", note="After six."),),
        external_ids={"legalserver.person": f"P-{number}-{role}"},
    )
    return fill_record(person, number, UUID(int=number)) if number % 10 == 0 else person


def _add_dates(draft: Draft, staff: Staff, number: int, client: UUID, lead: UUID) -> None:
    """Add a hearing, which starts its filing deadlines, and a deadline that was set by hand."""
    starts = clock.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=30 + 7 * (number % 30))
    hearing = Hearing(
        kind="master", starts_at=starts, zone=ZONE, court="New York", parties=(client,), goes=lead, bring="Passport"
    )
    if number % 2 == 0:
        hearings.add_hearing(draft, staff, hearing)
    due = clock.today(ZONE) + dt.timedelta(days=20 + number % 200)
    by_hand = Deadline(what=f"Brief {number}", severity="serious", due_on=due, reason="=Order", owner=lead)
    draft.add(by_hand)


def _make_document(staff: Staff, name: str, draw: random.Random) -> Document:
    writer = BlobWriter(staff.org_id)
    content = draw.randbytes(draw.choice(SIZES))
    for at in range(0, len(content), 50_000):
        writer.write(content[at : at + 50_000])
    file = sources.facts_of(staff, f"=scan {name}.pdf", writer.finish())
    file_storage.mark_linked(staff.org_id, file.blob)
    return Document(title=f"Scan {name}", files=(file,), external_ids={"legalserver": f"D-{name}"})
