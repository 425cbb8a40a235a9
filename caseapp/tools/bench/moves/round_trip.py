"""`caseapp bench round-trip`: an office is exported and imported into an empty one, and every record is compared.

The archive is made and read by the same code as that of the pages and of `caseapp move-in`. All records of all kinds
are compared with all their fields, ids of other systems included, and each document byte by byte, by its SHA-256. What
each office has of its own is not compared: ids of members, keys of stored files, plans of reminders.
"""

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import OpenDocument
from caseapp.index import reader
from caseapp.moving.pages.readable import readable_page_in
from caseapp.moving.services.exporting import office_archive, record_files
from caseapp.moving.services.own_import.cases import ImportResult, import_package
from caseapp.moving.services.own_import.package import open_package
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.tools.bench.moves.offices import BenchOffice, say_on_stderr
from caseapp.tools.bench.moves.seeded_office import seed_office
from caseapp.vault.registry import KINDS, Record
from caseapp.vault.tenancy import office_transaction

CASES, DOCUMENTS = 2_000, 1_000
SHOWN = 20  # differences that are named
LEAD = "Nilofar Karimi"
OF_STORAGE = frozenset(("blob", "version", "key", "padded", "chunks"))  # how a server stored the bytes of a document


@dataclass(frozen=True)
class RecordLine:
    """A record to compare: its kind, its version, its fields as text, and the SHA-256 of its stored files."""

    kind: str
    version: int
    fields: dict[str, Any]
    files: tuple[str, ...] = ()


@dataclass
class RoundTrip:
    """The result: seconds of each step, records by kind, and each difference between the two offices."""

    seconds: dict[str, float] = field(default_factory=dict)
    megabytes: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    differences: list[str] = field(default_factory=list)


def run(cases: int = 0, documents: int = 0) -> list[dict[str, object]]:
    """Return the figures. Needs Django set up on a server of the bench's own. 0: as many as the bench has."""
    cases, documents = cases or CASES, documents or DOCUMENTS
    trip = make_round_trip(cases, documents, say_on_stderr)
    figures = [_figure(step, "s", round(seconds, 1)) for step, seconds in trip.seconds.items()]
    figures.append(_figure("archive", "MB", round(trip.megabytes, 1)))
    records = sum(trip.kinds.values())
    figures.append(_figure(f"records of {len(trip.kinds)} kinds in {cases} cases", "records", records))
    figures.append(_figure("documents, byte by byte", "documents", trip.documents))
    figures.append(_figure("differences", "faults", len(trip.differences), goal=0))
    return [*figures, *(_figure(line, "faults", 1, goal=0) for line in trip.differences[:SHOWN])]


def _figure(name: str, unit: str, ours: float, *, goal: float | None = None) -> dict[str, object]:
    return {
        "name": name,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peer": ours if goal is None else goal,
        "peer_name": "itself" if goal is None else "the office that was exported",
        "ratio": 1.0 if goal is None or ours == goal else 0.0,
        "goal": goal,
        "met": None if goal is None else ours <= goal,
    }


def make_round_trip(cases: int, documents: int, say: Callable[[str], object] = lambda _line: None) -> RoundTrip:
    """Seed an office, export it, import it into an empty one, and compare."""
    old, new, trip = BenchOffice("old"), BenchOffice("new"), RoundTrip()
    colleagues = {old.add_colleague(LEAD): new.add_colleague(LEAD)}
    staff = old.sign_in()[1]
    with _timed(trip, "seeding", say):
        seed_office(staff, cases, documents, (staff.member_id, *colleagues))
    with tempfile.TemporaryFile() as archive:  # fictional cases
        with _timed(trip, "export", say):
            _export(old.sign_in()[1], archive)
        trip.megabytes = archive.tell() / 1e6
        with _timed(trip, "import", say):
            result = _import(new.sign_in()[1], archive)
    _require(trip, (result.imported, result.present, result.refused) == (cases, 0, []), f"not imported: {result}")
    exported, imported = old.sign_in()[1], new.sign_in()[1]
    people = {exported.member_id: imported.member_id, **colleagues}
    with _timed(trip, "comparing", say):
        compare_offices(read_records(exported, people), read_records(imported, {}), trip)
    return trip


@contextmanager
def _timed(trip: RoundTrip, step: str, say: Callable[[str], object]) -> Iterator[None]:
    began = time.monotonic()
    yield
    trip.seconds[step] = time.monotonic() - began
    say(f"{step}: {trip.seconds[step]:.1f} s")


def _export(staff: Staff, archive: IO[bytes]) -> None:
    export = office_archive.begin_office_export(staff)
    for piece in office_archive.stream_office(export, readable_page_in("en", staff)):
        archive.write(piece)


def _import(staff: Staff, archive: IO[bytes]) -> ImportResult:
    archive.seek(0)
    package = open_package(archive)
    package.check_sums()
    return import_package(staff, package)


def read_records(staff: Staff, people: Mapping[UUID, UUID]) -> dict[UUID, RecordLine]:
    """Return every record of every case that the member can open. `people`: members whose ids are replaced."""
    with office_transaction(staff.org_id):
        cases = [case_id for case_id, _row in reader.open_view(staff.keys, zone=staff.zone).all_rows()]
    lines: dict[UUID, RecordLine] = {}
    names = {str(old): str(new) for old, new in people.items()}
    for case_id in cases:
        with office_transaction(staff.org_id):
            entries = record_files.exported_entries(case_access.open_case(staff.keys, case_id))
        for entry in entries:
            fields = _fields_of(entry.record, names)
            files = tuple(_sum_of(staff, entry.record)) if isinstance(entry.record, Document) else ()
            lines[entry.id] = RecordLine(KINDS[entry.record.KIND], entry.version, fields, files)
    return lines


def _fields_of(record: Record, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a record as text, without what each office has of its own: not by the code of the export."""
    if isinstance(record, Deadline | Hearing):  # planning their reminders is a change by the importer
        record = replace(record, planned=(), plan_version=0, changed_by=None, changed_at=None)
    fields: dict[str, Any] = msgspec.to_builtins(record)
    if isinstance(record, Document):
        files = fields.get("files", ())
        fields["files"] = [{name: file[name] for name in file if name not in OF_STORAGE} for file in files]
    text = msgspec.json.encode(fields).decode()
    for old, new in names.items():
        text = text.replace(old, new)
    replaced: dict[str, Any] = msgspec.json.decode(text)
    return replaced


def _sum_of(staff: Staff, document: Document) -> Iterator[str]:
    """Yield the SHA-256 of each stored file as it decrypts now."""
    for version in document.files:
        sha = hashlib.sha256()
        for piece in OpenDocument(staff.org_id, version).stream_verified():
            sha.update(piece)
        yield sha.hexdigest()


def compare_offices(before: Mapping[UUID, RecordLine], after: Mapping[UUID, RecordLine], trip: RoundTrip) -> RoundTrip:
    """Compare two offices record by record, and note each difference with the kind and the field."""
    for record_id, line in before.items():
        trip.kinds[line.kind] += 1
        trip.documents += len(line.files)
        other = after.get(record_id)
        if other is None:
            trip.differences.append(f"{line.kind} {record_id} is missing")
            continue
        _require(trip, other.kind == line.kind, f"{line.kind} {record_id} is of another kind")
        _require(trip, other.version == line.version, f"{line.kind} {record_id} has version {other.version}")
        _require(trip, other.files == line.files, f"{line.kind} {record_id}: its stored files are not the same")
        for name in sorted({*line.fields, *other.fields}):
            is_equal = line.fields.get(name) == other.fields.get(name)
            _require(trip, is_equal, f"{line.kind} {record_id}: {name} is not the same")
    trip.differences += [f"{after[more].kind} {more} is new" for more in after if more not in before]
    return trip


def _require(trip: RoundTrip, is_so: bool, otherwise: str) -> None:
    if not is_so:
        trip.differences.append(otherwise)
