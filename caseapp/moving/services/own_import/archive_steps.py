"""Import of our own export as a job of the import pages: checked, saved and undone in steps, as a list of rows is.

The cases of the archive are the rows of the import, in parts of twenty. A part is one transaction, and what it saved
is undone by `importing.undoing` like the cases of any other import. A case that is in the office already is left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes import batches
from caseapp.lib import clock
from caseapp.moving import queries
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing import comparing, import_store, sources, walls
from caseapp.moving.services.importing.shapes import (
    CHECKING,
    NAMES_KEPT,
    READY,
    RUNNING,
    CheckedRow,
    ImportState,
    MadeRecord,
    PlannedPart,
    RowResult,
    SavedPart,
    add_counts,
)
from caseapp.moving.services.own_import.cases import ArchiveCases, ReadCase, StoredFile, add_settings
from caseapp.moving.services.own_import.package import NO_ARCHIVE, CaseFacts, Package, open_package
from caseapp.records.case import is_restricted
from caseapp.vault import shred_keys, store
from caseapp.vault.errors import NewerSchema, UnknownFormat
from caseapp.vault.head import Access
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

CASES_AT_ONCE = 20  # of one part: a transaction
NEW, PRESENT, NOT_OPENED, DOCUMENTS = "check.new", "check.here", "check.not_opened", "check.documents"
Blobs = Mapping[UUID, list[StoredFile]]


@dataclass
class OpenArchive:
    """The archive of an import, as one process keeps it open between two steps."""

    package: Package | None = field(default=None, repr=False)

    def read(self, staff: Staff, state: ImportState) -> Package:
        """Return the archive, opened when it is first needed. Raises Refused(code="archive" or "newer")."""
        if self.package is None:
            self.package = open_package(sources.open_stream(staff, state.source))
        return self.package


def check_next(staff: Staff, import_id: UUID, archive: OpenArchive) -> ImportState:
    """Compare the next files with their sums, or look for the next cases in the office. Raises Refused."""
    state = import_store.open_import(staff, import_id)
    package = archive.read(staff, state)
    at = state.read_to
    rows: tuple[CheckedRow, ...] = ()
    if at < len(package.manifest.files):
        at = package.check_next_sums(at)
    else:
        rows = _check_cases(staff, package, state)
    with office_transaction(staff.org_id):
        state = import_store.lock_import(staff, import_id)
        if state.step != CHECKING:
            return state
        state = replace(state, read_to=at, beat_at=clock.now(), problem="")
        if rows:
            import_store.write_part(staff, import_id, state.parts, PlannedPart(rows))
            counts = add_counts(state.counts, tuple(RowResult(row=r.plan.row, result=_check_of(r)) for r in rows))
            state = replace(state, parts=state.parts + 1, counts=counts)
        elif at == len(package.manifest.files) and state.parts * CASES_AT_ONCE >= len(package.manifest.cases):
            state = _end_check(state, package)
        import_store.save_state(staff, import_id, state)
    return state


def _check_cases(staff: Staff, package: Package, state: ImportState) -> tuple[CheckedRow, ...]:
    cases = ArchiveCases(staff, package, {})
    rows = []
    for number, facts in _cases_of_part(package, state.parts):
        plan = RowPlan(row=number, kind="case", keys={"caseapp": facts.ref})
        is_present = cases.is_present(package.lines_of(facts))
        rows.append(CheckedRow(plan=replace(plan, status="duplicate") if is_present else plan))
    return tuple(rows)


def _check_of(row: CheckedRow) -> str:
    return NEW if row.plan.status == "new" else PRESENT


def _cases_of_part(package: Package, part: int) -> list[tuple[int, CaseFacts]]:
    start = part * CASES_AT_ONCE
    return list(enumerate(package.manifest.cases[start : start + CASES_AT_ONCE], start + 1))


def _end_check(state: ImportState, package: Package) -> ImportState:
    """Return the state with what the whole archive has, ready to be saved."""
    manifest = package.manifest
    whole = {DOCUMENTS: sum(facts.documents for facts in manifest.cases), NOT_OPENED: manifest.cases_not_opened}
    counts = {**state.counts, **{name: count for name, count in whole.items() if count}}
    names = dict.fromkeys(sorted(set(package.members.values()))[:NAMES_KEPT], 0)
    return replace(state, step=READY, next=0, counts=counts, names=names)


def save_next(staff: Staff, import_id: UUID, state: ImportState, archive: OpenArchive) -> ImportState:
    """Save the next part of the archive's cases and return the state. Raises Refused for a broken archive."""
    package = archive.read(staff, state)
    if state.next == 0:
        with office_transaction(staff.org_id):
            add_settings(staff, package.office())
    people = {there: state.people.get(name, staff.member_id) for there, name in package.members.items()}
    part = _ArchivePart(staff, ArchiveCases(staff, package, people))
    for number, facts in _cases_of_part(package, state.next):
        part.read_case(number, facts)
    for read in part.reads.values():
        if is_restricted(read.case.relief):
            state = walls.make_wall(staff, import_id, state, _wall_of(read), read.inside)
    part.store_documents()
    return part.save(import_id, state)


def _wall_of(read: ReadCase) -> str:
    return ",".join(sorted(map(str, read.inside)))


@dataclass
class _ArchivePart:
    """The cases of one part: read, with their documents sealed, and then written together."""

    staff: Staff
    cases: ArchiveCases
    results: dict[int, RowResult] = field(default_factory=dict)
    reads: dict[int, ReadCase] = field(default_factory=dict)
    blobs: dict[int, Blobs] = field(default_factory=dict)

    def read_case(self, number: int, facts: CaseFacts) -> None:
        self.results[number] = RowResult(row=number, result="present", ref=facts.ref)
        try:
            read = self.cases.read_case(facts)
        except (NewerSchema, UnknownFormat):
            self.results[number] = replace(self.results[number], result="refused", reason=NO_ARCHIVE)
            return
        if read is not None:
            self.reads[number] = read

    def store_documents(self) -> None:
        self.blobs = {number: self.cases.store_documents(read) for number, read in self.reads.items()}

    def save(self, import_id: UUID, state: ImportState) -> ImportState:
        """Write the part, in one transaction that another step did not forestall."""
        staff, expected = self.staff, state.next
        drafts: dict[int, Draft] = {}
        try:
            with office_transaction(staff.org_id):
                queries.lock_imports(staff.org_id)
                state = import_store.lock_import(staff, import_id)
                if state.step != RUNNING or state.paused or state.next != expected:
                    return state
                self._make_drafts(state, drafts)
                if drafts:
                    batches.save_drafts(staff, list(drafts.values()))
                results = tuple(self._result_of(number, drafts.get(number)) for number in sorted(self.results))
                import_store.write_part(staff, import_id, expected, SavedPart(results))
                state = replace(state, next=expected + 1, beat_at=clock.now(), problem="")
                state = replace(state, counts=add_counts(state.counts, results))
                import_store.save_state(staff, import_id, state)
        except BaseException:
            shred_keys.destroy_each("cases", [draft.file.id for draft in drafts.values()])
            raise
        return state

    def _make_drafts(self, state: ImportState, drafts: dict[int, Draft]) -> None:
        """Fill the drafts of the cases that no other import saved meanwhile."""
        keys = self.staff.keys
        for number, read in self.reads.items():
            if self.cases.is_present(read.lines):
                continue
            group = state.walls[_wall_of(read)] if is_restricted(read.case.relief) else state.group
            assert group is not None  # `start_saving` asks for the team
            drafts[number] = store.new_file(keys, [keys.group(group)])
            self.cases.add_to_draft(drafts[number], read, self.blobs[number])

    def _result_of(self, number: int, draft: Draft | None) -> RowResult:
        if draft is None:
            return self.results[number]
        saved = tuple(
            MadeRecord(record_id, comparing.content_digest(entry.record))
            for record_id, entry in draft.file.entries.items()
            if not isinstance(entry.record, Access)
        )
        return replace(self.results[number], result="opened", case_id=draft.file.id, is_new=True, made=saved)
