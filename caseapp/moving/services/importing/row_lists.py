"""The lists of a row that its case gets besides the client: people, dates, work."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.hearings.services import hearings
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.records.case import Case
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.vault.registry import Record
from caseapp.vault.store import Draft


@dataclass(frozen=True)
class RowLists:
    """The lists of one row, added to the draft of its case.

    person_id  the client, whom records without a person are about
    lead       who is responsible for what names no member
    ids        ids of other systems that each added record keeps
    """

    staff: Staff
    draft: Draft
    plan: RowPlan
    person_id: UUID
    lead: UUID
    ids: dict[str, str]

    def add_people(self) -> None:
        """Add other people, events of the client's life, and proceedings."""
        for party in self.plan.other_parties:
            self._add(party)
        for history in self.plan.histories:
            self._add(replace(history, party=history.party or self.person_id))
        for proceeding in self.plan.proceedings:
            self._add(replace(proceeding, parties=proceeding.parties or (self.person_id,)))

    def add_dates(self) -> None:
        """Add hearings, which start their filing deadlines unless they are over or the case is, and deadlines."""
        is_open = self.draft.file.get_only(Case).record.closed_on is None
        for hearing in self.plan.hearings:
            placed = replace(hearing, parties=hearing.parties or (self.person_id,))
            if is_open and hearings.starts_deadlines(placed):
                marked = replace(placed, external_ids={**placed.external_ids, **self.ids})
                hearings.add_hearing(self.draft, self.staff, marked)
            else:
                self._add(placed)
        for deadline in self.plan.deadlines:
            parties = deadline.parties or (self.person_id,)
            self._add(replace(deadline, parties=parties, owner=deadline.owner or self.lead))

    def add_work(self, people: Mapping[str, UUID]) -> None:
        """Add tasks, for the member whom the row names, and notes."""
        named = (people.get(item.name) for item in self.plan.members if item.role == "assignee")
        owner = next((member for member in named if member is not None), self.lead)
        for task in self.plan.tasks:
            self._add(replace(task, owner=task.owner or owner))
        for note in self.plan.notes:
            self._add_note(note)

    def add_facts(self) -> None:
        """Add receipt numbers to the case and a safety note to the client; what they have stays."""
        entry = self.draft.file.get_only(Case)
        receipts = tuple(dict.fromkeys((*entry.record.receipts, *self.plan.receipts)))
        if receipts != entry.record.receipts:
            self.draft.change(entry.id, replace(entry.record, receipts=receipts))
        person = self.draft.file.get(self.person_id, Party).record
        if self.plan.safety_note and self.plan.safety_note not in person.careful:
            careful = "\n".join(filter(None, (person.careful, self.plan.safety_note)))
            self.draft.change(self.person_id, replace(person, careful=careful))

    def _add_note(self, note: Note) -> None:
        """Add a note with the time that the file gives it; without one it is of now."""
        self.draft.adopt(uuid4(), replace(note, external_ids={**note.external_ids, **self.ids}))

    def _add(self, record: Record) -> None:
        self.draft.add(replace(record, external_ids={**record.external_ids, **self.ids}))
