"""Saving the rows of one part: new cases, and what rows add to cases that are here already.

Drafts are collected and written together (`casefile.changes.batches`). A row that is refused leaves nothing behind.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes import batches
from caseapp.cases.services.refs import new_ref
from caseapp.clients.services import person_facts
from caseapp.deadlines.services.person_dates import birth_and_arrival
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing import comparing, known_cases, walls
from caseapp.moving.services.importing.documents import WaitingFiles
from caseapp.moving.services.importing.known_cases import KnownCases
from caseapp.moving.services.importing.members import lead_of, team_of
from caseapp.moving.services.importing.row_lists import RowLists
from caseapp.moving.services.importing.shapes import (
    ATTACH,
    SKIP,
    CheckedRow,
    EarlierRecord,
    ImportState,
    MadeRecord,
    RowResult,
)
from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.vault import delete_rows, shred_keys, store
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.registry import Record, encode_record
from caseapp.vault.store import Draft, Entry

CASE_KINDS = ("case", "person")
RECENT_ARRIVAL = dt.timedelta(days=366)  # an older one started no deadline that is still open
NO_CASE = gettext_noop("The case of this row is not here yet. The row waits for it.")
NO_PERSON = gettext_noop("The client of this row is not here yet. The row waits for them.")
NO_FILE = gettext_noop("The document of this row is not among the files. The row waits for it.")
NOT_OPENED = gettext_noop("The case of this row does not open for you now, so nothing was added.")


class Waits(Exception):
    """A row that needs something that is not here yet. Its text is a message of the program."""


@dataclass
class Batch:
    """The drafts of one part. `new` are the cases that the part opens; their shred halves exist already."""

    staff: Staff
    state: ImportState
    known: KnownCases
    files: WaitingFiles
    view: IndexView
    drafts: dict[UUID, Draft] = field(default_factory=dict)
    new: dict[UUID, Draft] = field(default_factory=dict)

    def save_rows(self, rows: tuple[CheckedRow, ...]) -> tuple[RowResult, ...]:
        """Save rows in the caller's transaction and return what became of each."""
        try:
            results = [self._save_row(row) for row in rows]
            changed = [draft for draft in self.drafts.values() if draft.changed or draft.removed]
            if changed:
                batches.save_drafts(self.staff, changed)
        except BaseException:
            self.destroy_halves()
            raise
        return tuple(self._with_digests(result) for result in results)

    def destroy_halves(self) -> None:
        """Destroy the shred halves of the cases that this part did not open after all."""
        shred_keys.destroy_each("cases", list(self.new))

    def _save_row(self, row: CheckedRow) -> RowResult:
        plan = row.plan
        blank = RowResult(row=plan.row, result=plan.status, name=plan.person.name.full if plan.person else "")
        if plan.status != "new":
            return replace(blank, problems=plan.errors)
        try:
            return self._save_case(row, blank) if plan.kind in CASE_KINDS else self._add_to_case(plan, blank)
        except Waits as exc:
            return replace(blank, result="waiting", plan=plan, reason=str(exc))
        except Refused as exc:
            return replace(blank, result="refused", reason=exc.sentence)

    def _save_case(self, row: CheckedRow, blank: RowResult) -> RowResult:
        plan = row.plan
        present = self._find(_own_ids(plan))
        if present is not None:
            unequal = comparing.differences(present.file, plan.case, plan.person)
            return _about(blank, present, result="differs" if unequal else "present", differences=unequal)
        decision = self.state.decisions.get(plan.row, self.state.default)
        if row.alike and decision == SKIP:
            alike = row.alike[0]
            return replace(blank, result="skipped", case_id=alike.case_id, ref=alike.ref)
        if row.alike and decision == ATTACH:
            return self._attach(plan, row.alike[0].case_id, blank)
        person = self._find(plan.person_keys, plan.client_name if plan.person is None else "")
        if person is not None and not person.file.get_only(Case).record.external_ids and plan.case is not None:
            return self._take_over(plan, plan.case, person, blank)
        return self._open(row, _lead_of_file(person) if person is not None else plan.person, blank)

    def _open(self, row: CheckedRow, person: Party | None, blank: RowResult) -> RowResult:
        """Open a new case; one whose relief is protected in the restricted group of its lead."""
        plan = row.plan
        if person is None:
            raise Waits(NO_PERSON)
        birth_and_arrival.refuse_arrival_before_birth(person, "last_arrival_on")
        lead, team = lead_of(self.staff, self.state, plan), team_of(self.staff, self.state, plan)
        is_walled = walls.needs_wall(row)
        group = self.state.walls[str(lead)] if is_walled else self.state.group
        if group is None:
            raise NoKey("no team")
        draft = store.new_file(self.staff.keys, [self.staff.keys.group(group)])
        self.new[draft.file.id] = self.drafts[draft.file.id] = draft
        try:
            case = plan.case or Case(ref="")
            members = (lead,) if is_walled else team
            draft.add(replace(case, ref=new_ref(), lead=lead, team=members, external_ids=_case_ids(plan)))
            ids = _own_ids(plan) if plan.kind == "person" else {}
            person_id = draft.add(replace(person, external_ids={**person.external_ids, **ids}))
            self._start_person_dates(draft, person_id, lead, case)
            self._add_records(draft, plan, person_id, lead)
        except (Refused, Waits):
            self._drop(draft)
            raise
        self.known.add_case(draft.file)
        return _about(blank, draft, result="opened", is_new=True, made=_made_records(draft))

    def _start_person_dates(self, draft: Draft, person_id: UUID, lead: UUID, case: Case) -> None:
        """Start what follows from the arrival and the birth, as when a case is opened by hand."""
        if case.closed_on is not None:
            return
        arrived = draft.file.get(person_id, Party).record.last_arrival_on
        today = clock.today(self.staff.zone)
        if arrived is not None and today - RECENT_ARRIVAL <= arrived <= today:
            birth_and_arrival.set_arrival(draft, self.staff, person_id, arrived, {}, owner=lead)
        person_facts.record_birth(draft, self.staff, person_id)

    def _drop(self, draft: Draft) -> None:
        """Take back a case whose row was refused."""
        delete_rows.delete_rows(draft.file)
        del self.new[draft.file.id], self.drafts[draft.file.id]
        shred_keys.destroy("cases", draft.file.id)

    def _attach(self, plan: RowPlan, case_id: UUID, blank: RowResult) -> RowResult:
        """Add the ids and the lists of a row to a case that is here; its facts stay, and differences are listed."""
        draft = self._draft_of(case_id)
        with undo_if_refused(draft):
            unequal = comparing.differences(draft.file, plan.case, plan.person)
            entry = draft.file.get_only(Case)
            ids = {**_case_ids(plan), **entry.record.external_ids}
            draft.change(entry.id, replace(entry.record, external_ids=ids))
            lead = entry.record.lead or self.staff.member_id
            self._add_records(draft, plan, _client_of(draft), lead)
        self.known.add_case(draft.file)
        return _about(blank, draft, result="attached", made=_made_records(draft), differences=unequal)

    def _take_over(self, plan: RowPlan, case: Case, draft: Draft, blank: RowResult) -> RowResult:
        """Make the case that a list of people opened for a person into the case of this row."""
        if self._is_changed(draft):
            return self._attach(plan, draft.file.id, blank)
        with undo_if_refused(draft):
            entry, lead = draft.file.get_only(Case), lead_of(self.staff, self.state, plan)
            team = (*team_of(self.staff, self.state, plan), *entry.record.team)
            kept = {"ref": entry.record.ref, "lead": lead, "team": tuple(dict.fromkeys(team))}
            draft.change(entry.id, replace(case, external_ids=_case_ids(plan), **kept))
            self._add_records(draft, plan, _client_of(draft), lead)
        self.known.add_case(draft.file)
        return _about(blank, draft, result="taken_over", made=_made_records(draft))

    def _is_changed(self, draft: Draft) -> bool:
        """Return whether a person changed the case since a list of people opened it, or moved it elsewhere."""
        case = draft.file.get_only(Case).record
        home = draft.file.get_only(Access).record.home_group_id
        return case.changed_at is not None or home not in {self.state.group, *self.state.walls.values()}

    def _add_to_case(self, plan: RowPlan, blank: RowResult) -> RowResult:
        draft = self._find(plan.case_keys) or self._find(plan.person_keys, "" if plan.case_keys else plan.client_name)
        if draft is None:
            raise Waits(NO_CASE)
        ids = _own_ids(plan)
        if any(_has_ids(entry.record, plan, ids) for entry in draft.file.entries.values()):
            return _about(blank, draft, result="present")
        before = set(draft.changed)
        with undo_if_refused(draft):
            lead = draft.file.get_only(Case).record.lead or self.staff.member_id
            self._add_records(draft, plan, _client_of(draft), lead, ids)
        return _about(blank, draft, result="added", made=_made_records(draft, without=before))

    def _add_records(
        self, draft: Draft, plan: RowPlan, person_id: UUID, lead: UUID, ids: Mapping[str, str] | None = None
    ) -> None:
        """Add the lists of a row to a draft. Raises Waits for a document whose file is not here."""
        if plan.kind == "document" and not all(self.files.find_file(reference) for reference in plan.documents):
            raise Waits(NO_FILE)
        lists = RowLists(self.staff, draft, plan, person_id=person_id, lead=lead, ids=dict(ids or {}))
        lists.add_people()
        lists.add_dates()
        lists.add_work(self.state.people)
        lists.add_facts()
        for reference in plan.documents:
            self.files.add_to_draft(draft, reference, lists.ids)

    def _find(self, keys: Mapping[str, str], name: str = "") -> Draft | None:
        """Return the draft of the case that has one of these ids, else of the only one of a client of this name."""
        for case_id in self.known.candidates(keys):
            draft = self.drafts.get(case_id) or self._open_draft(case_id)
            if draft is not None and known_cases.has_ids(draft.file, keys):
                return draft
        named = self.known.cases_of_client(name) if name else []
        return self.drafts.get(named[0]) or self._open_draft(named[0]) if len(named) == 1 else None

    def _draft_of(self, case_id: UUID) -> Draft:
        draft = self.drafts.get(case_id) or self._open_draft(case_id)
        if draft is None:
            raise Refused("case", NOT_OPENED)
        return draft

    def _open_draft(self, case_id: UUID) -> Draft | None:
        """Open a case of the office as a draft. Raises Refused for one that is damaged or in doubt."""
        file = known_cases.open_locked(self.staff, case_id, self.view)
        if file is None:
            return None
        draft = self.drafts[case_id] = Draft(file, by=self.staff.member_id)
        return draft

    def _with_digests(self, result: RowResult) -> RowResult:
        """Return a result with the digests of its records as they were saved."""
        if result.case_id is None or not result.made:
            return result
        entries = self.drafts[result.case_id].file.entries
        records = tuple(
            MadeRecord(item.record_id, comparing.content_digest(entries[item.record_id].record), item.before)
            for item in result.made
            if item.record_id in entries
        )
        return replace(result, made=records)


@contextmanager
def undo_if_refused(draft: Draft) -> Iterator[None]:
    """Take back what a block changed in a draft when it raises, and raise."""
    stores: tuple[dict[UUID, Entry[Record]], ...] = (draft.file.entries, draft.changed, draft.before, draft.removed)
    kept = [dict(entries) for entries in stores]
    try:
        yield
    except (Refused, Waits, NotFound, OpenFailed):
        for entries, earlier in zip(stores, kept, strict=True):
            entries.clear()
            entries.update(earlier)
        raise


def _about(blank: RowResult, draft: Draft, **fields: object) -> RowResult:
    known = replace(blank, case_id=draft.file.id, ref=draft.file.get_only(Case).record.ref)
    change: Callable[..., RowResult] = replace
    return change(known, **fields)


def _made_records(draft: Draft, *, without: set[UUID] | None = None) -> tuple[MadeRecord, ...]:
    """Return the records that a draft adds or changes, with the earlier content of the case itself."""
    records = []
    for record_id, entry in draft.changed.items():
        if record_id in (without or ()) or isinstance(entry.record, Access):
            continue
        before = draft.before.get(record_id)
        records.append(MadeRecord(record_id, b"", _earlier(before.record) if before is not None else None))
    return tuple(records)


def _earlier(record: Record) -> EarlierRecord:
    return EarlierRecord(record.KIND, record.SCHEMA, encode_record(record))


def _case_ids(plan: RowPlan) -> dict[str, str]:
    """Return the ids of a row's case; of a list of people the case has none, so that a list of cases takes it over."""
    if plan.kind == "person":
        return {}
    given = plan.case.external_ids if plan.case is not None else {}
    return {**given, **plan.keys} or comparing.row_ids(plan)


def _own_ids(plan: RowPlan) -> dict[str, str]:
    return dict(plan.keys) or comparing.row_ids(plan)


def _has_ids(record: Record, plan: RowPlan, ids: Mapping[str, str]) -> bool:
    """Return whether a record of the case is the one of this row, by its ids."""
    return not isinstance(record, Case | Access) and any(record.external_ids.get(key) == ids[key] for key in ids)


def _client_of(draft: Draft) -> UUID:
    clients = [entry for entry in draft.file.entries_of(Party) if entry.record.role == "lead"]
    if not clients:
        raise Refused("case", NOT_OPENED)
    return clients[0].id


def _lead_of_file(draft: Draft) -> Party:
    return draft.file.get(_client_of(draft), Party).record
