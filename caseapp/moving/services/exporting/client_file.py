"""One client's whole file: opened once, with its audit entry, then written into an archive piece by piece."""

import datetime as dt
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import lockdown
from caseapp.casefile import access_alerts, case_access
from caseapp.casefile.file_storage import OpenDocument
from caseapp.lib import clock
from caseapp.lib.version import program_version
from caseapp.moving.services.exporting import csv_cells, record_files
from caseapp.moving.services.exporting.file_names import numbered_name
from caseapp.moving.services.exporting.zip_stream import ArchiveFile, WrittenFile, ZipStream
from caseapp.records.case import Case
from caseapp.records.document import Document, FileVersion
from caseapp.vault import past_versions
from caseapp.vault.registry import Record
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

FORMAT = "caseapp-export/1"
WHOLE_FILE = "whole file"  # reason of the audit entry, and of a copy that the person gets
PERSONS_COPY = "copy for the person"
MANIFEST, SUMS = "manifest.json", "sha256sums.txt"
RECORDS, EARLIER, SCHEMA, PEOPLE = "records.jsonl", "earlier-versions.jsonl", "schema.json", "office-people.json"
FOR_PROGRAMS, DOCUMENTS = "data", "documents"


@dataclass(frozen=True)
class StoredDocument:
    """A stored file of a document, with its path in the archive. `number` is its number in the index."""

    number: int
    path: str
    title: str
    kind: str
    on: dt.date | None
    version: FileVersion = field(repr=False)


@dataclass(frozen=True)
class ClientFile:
    """A case as it was when it was opened: its records, and where the bytes of its documents are.

    earlier    replaced and removed versions that the office still keeps (30 days)
    left_out   ids of records that are damaged, and so not in the export
    newer      ids of records that a newer program wrote, exported as far as this one knows them
    is_doubted the case is not in its newest known state
    """

    id: UUID
    org_id: UUID
    ref: str
    at: dt.datetime
    zone: str
    office_name: str
    entries: tuple[Entry[Record], ...] = field(repr=False)
    earlier: tuple[Entry[Record], ...] = field(repr=False)
    documents: tuple[StoredDocument, ...] = field(repr=False)
    names: Mapping[UUID, str] = field(repr=False)
    left_out: tuple[UUID, ...] = ()
    newer: tuple[UUID, ...] = ()
    is_doubted: bool = False

    @property
    def paths(self) -> dict[UUID, str]:
        """Return the path of each stored file."""
        return {document.version.blob: document.path for document in self.documents}


def open_client_file(staff: Staff, case_id: UUID, *, reason: str = WHOLE_FILE) -> ClientFile:
    """Open a case to export it, and record that in the audit trail.

    The caller asked for the passphrase again. Raises NotFound, OpenFailed, Refused(code="locked_down").
    """
    permissions.require(staff, "export_case")
    with office_transaction(staff.org_id):
        lockdown.refuse_export(staff)
        file = case_access.open_case(staff.keys, case_id)
        access_alerts.check_opening(staff, file)
        audit_trail.record_entry_in_transaction(staff.keys, "export", file=file, reason=reason)
        return read_client_file(staff, file)


def read_client_file(staff: Staff, file: SealedFile) -> ClientFile:
    """Return what an export writes of an open case, in the office's transaction."""
    entries = record_files.exported_entries(file)
    kept = past_versions.kept_versions(file, today=clock.now().date())
    earlier = [entry for versions in kept.values() for entry in versions if 0 < entry.record.KIND < 100]
    people = members.read_directory(staff.keys, accepts_older=True).people
    return ClientFile(
        id=file.id,
        org_id=file.org_id,
        ref=file.get_only(Case).record.ref,
        at=clock.now(),
        zone=staff.zone,
        office_name=staff.office_name,
        entries=tuple(entries),
        earlier=tuple(earlier),
        documents=tuple(_stored_documents([*entries, *earlier])),
        names={person.member_id: person.name for person in people},
        left_out=file.damaged,
        newer=file.newer,
        is_doubted=bool(file.doubt),
    )


def _stored_documents(entries: list[Entry[Record]]) -> Iterator[StoredDocument]:
    """Yield each stored file once, in the order of the documents' entry."""
    seen: set[UUID] = set()
    for entry in entries:
        record = entry.record
        if not isinstance(record, Document):
            continue
        for version in record.files:
            if version.blob in seen:
                continue
            seen.add(version.blob)
            number = len(seen)
            path = f"{DOCUMENTS}/{numbered_name(number, version.name)}"
            yield StoredDocument(number, path, record.title, record.kind, record.dated_on, version)


def stream_client_file(client_file: ClientFile, readable: Sequence[ArchiveFile]) -> Generator[bytes]:
    """Yield the archive of one client's whole file. `readable` are the files that people read, already made."""
    archive = ZipStream(client_file.at)

    def list_files() -> Iterator[ArchiveFile]:
        yield from case_files(client_file, readable)
        yield from _closing_files(client_file, archive.written)

    return archive.stream(list_files())


def case_files(
    client_file: ClientFile, readable: Sequence[ArchiveFile], folder: str = "", *, has_tables: bool = True
) -> Iterator[ArchiveFile]:
    """Yield the files of one case: those that people read, the documents, the data, and its tables."""
    tables = _tables(client_file) if has_tables else ()
    for file in (*readable, *_documents(client_file), *_program_files(client_file), *tables):
        yield ArchiveFile(f"{folder}{file.path}", file.pieces, file.is_compressed)


def _documents(client_file: ClientFile) -> Iterator[ArchiveFile]:
    for document in client_file.documents:
        opened = OpenDocument(client_file.org_id, document.version)
        yield ArchiveFile(document.path, opened.stream_verified(), is_compressed=False)


def _program_files(client_file: ClientFile) -> Iterator[ArchiveFile]:
    paths = client_file.paths
    kinds = {type(entry.record) for entry in (*client_file.entries, *client_file.earlier)}
    yield ArchiveFile(f"{FOR_PROGRAMS}/{RECORDS}", [record_files.json_lines(client_file.entries, paths)])
    if client_file.earlier:
        yield ArchiveFile(f"{FOR_PROGRAMS}/{EARLIER}", [record_files.json_lines(client_file.earlier, paths)])
    yield ArchiveFile(f"{FOR_PROGRAMS}/{SCHEMA}", [record_files.json_schema(kinds)])
    yield ArchiveFile(f"{FOR_PROGRAMS}/{PEOPLE}", [people_json(client_file.names)])


def _tables(client_file: ClientFile) -> Iterator[ArchiveFile]:
    tables = record_files.csv_rows(client_file.entries, client_file.paths, client_file.names, client_file.ref)
    for name, rows in tables.items():
        yield ArchiveFile(f"{FOR_PROGRAMS}/csv/{name}", [csv_cells.MARK.encode(), rows.heading, rows.body])


def people_json(names: Mapping[UUID, str]) -> bytes:
    """Return the members of the office by id, as records name them."""
    people = [{"id": str(member), "name": name} for member, name in sorted(names.items())]
    return msgspec.json.format(msgspec.json.encode(people))


def case_facts(client_file: ClientFile, folder: str = "") -> dict[str, Any]:
    """Return what a manifest says of one case."""
    return {
        "id": str(client_file.id),
        "ref": client_file.ref,
        "folder": folder,
        "records": len(client_file.entries),
        "documents": len(client_file.documents),
        "damaged": [str(record) for record in client_file.left_out],
        "newer": [str(record) for record in client_file.newer],
        "older_than_known": client_file.is_doubted,
    }


def _closing_files(client_file: ClientFile, written: list[WrittenFile]) -> Iterator[ArchiveFile]:
    facts = {"kind": "case", "cases": [case_facts(client_file)]}
    yield from manifest_files(facts, client_file.at, written)


def manifest_files(facts: dict[str, Any], at: dt.datetime, written: list[WrittenFile]) -> Iterator[ArchiveFile]:
    """Yield the manifest over all files written before it, and the sums as `sha256sum -c` reads them."""
    listed = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in written]
    content = {
        "format": FORMAT,
        "program": f"caseapp {program_version()}",
        "made_at": at.isoformat(),
        **facts,
        "files": listed,
        "not_whole": [file.path for file in written if not file.is_whole],
    }
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in written)
    yield ArchiveFile(SUMS, [sums.encode()])
    yield ArchiveFile(MANIFEST, [msgspec.json.format(msgspec.json.encode(content))])
