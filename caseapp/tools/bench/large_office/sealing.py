"""Cases of a fictional office sealed in bulk: drafts as the pages make them, saved by the product's own batches.

A batch is one transaction with one part of the team's index, as in an import. Several processes share the work: each
has a connection of its own, and they wait for each other only while the index head is locked.
"""

import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes import batches
from caseapp.casefile.file_storage import BlobWriter, SealedBlob
from caseapp.cases.services.refs import new_ref
from caseapp.cli.demo.papers import PAPERS, one_page_pdf
from caseapp.clients.services import person_facts
from caseapp.deadlines.services import changes, notices
from caseapp.deadlines.services.person_dates import birth_and_arrival
from caseapp.documents import services as documents
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.records.task import Task
from caseapp.tools.bench.large_office.content import ZONE, FictionalCase, FictionalHearing, fictional_case, open_day
from caseapp.vault import shred_keys, store
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

BATCH = 200  # cases of one transaction

KEPT_OVERDUE = 97  # of so many cases, one has passed deadlines that are still open
See = Callable[[Sequence[Draft]], None]


def seal_cases(
    staff: Staff, members: Sequence[UUID], numbers: range, *, processes: int = 1, see: See | None = None
) -> None:
    """Seal the cases of these numbers in the member's first team.

    members    who leads them, appears and has tasks, counted around
    processes  more than one need a database that other connections see: not inside a test's transaction
    see        is called after each batch with its saved drafts, in the process that sealed it
    """
    starts = range(numbers.start, numbers.stop, BATCH)
    batch_ranges = [range(start, min(start + BATCH, numbers.stop)) for start in starts]
    if processes == 1:
        for each in batch_ranges:
            seal_batch(staff, members, each, see)
        return
    connections.close_all()  # so that a child inherits no connection
    children = [_fork_sealer(staff, members, batch_ranges[part::processes], see) for part in range(processes)]
    codes = [os.waitpid(pid, 0)[1] for pid in children]
    if any(codes):
        raise RuntimeError(f"{sum(map(bool, codes))} of {processes} processes failed to seal their cases")


def _fork_sealer(staff: Staff, members: Sequence[UUID], batch_ranges: Sequence[range], see: See | None) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # In a new thread: a chain of audit entries belongs to one thread, and the forked one has its parent's.
        with ThreadPoolExecutor(1) as pool:
            for sealed in [pool.submit(seal_batch, staff, members, each, see) for each in batch_ranges]:
                sealed.result()
        code = 0
    except Exception as exc:
        sys.stderr.write(f"sealing failed: {type(exc).__name__}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def seal_batch(staff: Staff, members: Sequence[UUID], numbers: range, see: See | None = None) -> None:
    """Seal the cases of these numbers in one transaction."""
    today = clock.today(staff.zone)
    cases = [fictional_case(number, today) for number in numbers]
    papers = {case.number: _write_paper(staff, case) for case in cases if case.has_document}
    drafts: list[Draft] = []
    try:
        with office_transaction(staff.org_id):
            for case in cases:
                draft = store.new_file(staff.keys, [staff.keys.teams[0]])
                drafts.append(draft)
                CaseDraft(staff, draft, case, members).add_records(papers.get(case.number))
            batches.save_drafts(staff, drafts)
            audit_trail.record_entry_in_transaction(staff.keys, "job", reason="import", count=len(drafts))
    except BaseException:
        shred_keys.destroy_each("cases", [draft.file.id for draft in drafts])
        raise
    if see is not None:
        see(drafts)


def _write_paper(staff: Staff, case: FictionalCase) -> SealedBlob:
    writer = BlobWriter(staff.org_id)
    writer.write(one_page_pdf(f"Document {case.number} of a fictional office."))
    return writer.finish()


class CaseDraft:
    """The draft of one case, filled as its pages would fill it."""

    def __init__(self, staff: Staff, draft: Draft, case: FictionalCase, members: Sequence[UUID]) -> None:
        self.staff, self.draft, self.case, self.members = staff, draft, case, members
        self.today = clock.today(staff.zone)
        self.lead = self._member(case.lead)

    def add_records(self, paper: SealedBlob | None) -> None:
        """Add people, dates, work and notes, with the deadlines that follow from them."""
        case, draft = self.case, self.draft
        draft.add(Case(ref=new_ref(), relief=(case.relief,), lead=self.lead, team=(self.lead,), opened_on=self.today))
        client = draft.add(self._client())
        for name, role, year in case.family:
            relative = Party(role=role, name=Name(full=name), born_period=str(year), born_in=case.country)
            draft.add(replace(relative, citizenships=(case.country,), languages=(case.language,)))
        if case.arrived_on is not None:
            birth_and_arrival.set_arrival(draft, self.staff, client, case.arrived_on, {}, owner=self.lead)
        person_facts.record_changed_facts(draft, self.staff, client, None)
        for hearing in case.hearings:
            hearings.add_hearing(draft, self.staff, self._hearing_record(hearing))
        if case.notice:
            on = open_day(self.today - dt.timedelta(days=9), -1)
            notices.record_in_draft(draft, self.staff, notices.NewNotice(what=case.notice, dated_on=on, how="mail"))
        for text, days, member in case.tasks:
            due_on = None if days is None else self.today + dt.timedelta(days=days)
            draft.add(Task(text=text, due_on=due_on, owner=self._member(member)))
        for text in case.notes:
            draft.add(Note(text=text, told_by=case.name.split()[0]))
        if paper is not None:
            title, name, kind = PAPERS[case.number % len(PAPERS)]
            documents.add_to_draft(self.staff, draft, name, paper, kind=kind, title=title)
        if case.number % KEPT_OVERDUE:
            self._meet_past_deadlines()

    def _member(self, number: int) -> UUID:
        return self.members[number % len(self.members)]

    def _client(self) -> Party:
        case = self.case
        phone = Contact(way="phone", text=f"(202) 555-01{case.number % 100:02d}", safe="yes")
        return Party(
            role="lead",
            name=Name(full=case.name),
            other_names=(Name(full=case.other_name),) if case.other_name else (),
            a_number=f"{case.number % 1_000_000:09d}",
            born_on=case.born_on,
            born_in=case.country,
            citizenships=(case.country,),
            languages=(case.language,),
            contacts=(phone, Contact(way="address", text=f"{case.number % 900 + 1} Fictional Street, Harborview")),
            careful=case.careful,
            detained_since=self.today - dt.timedelta(days=3) if case.is_detained else None,
        )

    def _hearing_record(self, hearing: FictionalHearing) -> Hearing:
        """Return the record of a hearing; one of an earlier day was held and continued."""
        starts = dt.datetime.combine(hearing.day, dt.time(hearing.hour, 30), ZoneInfo(ZONE))
        held = Outcome(what="continued", decided_on=hearing.day, recorded_by=self.lead, recorded_at=self.draft.at)
        return Hearing(
            kind=hearing.kind,
            starts_at=starts.astimezone(dt.UTC),
            zone=ZONE,
            court=hearing.court,
            judge=hearing.judge,
            room=str(self.case.number % 20 + 1),
            goes=self.lead,
            interpreter=self.case.language,
            detained=self.case.is_detained,
            outcome=held if hearing.day < self.today else None,
        )

    def _meet_past_deadlines(self) -> None:
        """Mark what is past as done: this office met it."""
        for entry in self.draft.file.entries_of(Deadline):
            day = entry.record.act_by
            if entry.record.state == "open" and day is not None and day < self.today:
                done = changes.as_done(entry.record, by=self.lead, on=self.today, document=None, note="Filed in time.")
                self.draft.change(entry.id, done)
