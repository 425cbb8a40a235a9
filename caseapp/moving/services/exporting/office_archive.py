"""Export of an office: every case that the member can open, the members, and the settings, as one archive."""

import datetime as dt
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import lockdown
from caseapp.accounts.signin import active_sessions
from caseapp.casefile import case_access
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.moving.services.exporting import client_file, csv_cells, record_files
from caseapp.moving.services.exporting.client_file import ClientFile
from caseapp.moving.services.exporting.zip_stream import ArchiveFile, ZipStream
from caseapp.vault.errors import OpenFailed
from caseapp.vault.models import VaultCase
from caseapp.vault.tenancy import office_transaction

OFFICE, MEMBERS, CASES, TABLES = "office.json", "members.json", "cases", "csv"
# The gateway's address contains its secret. Confirmations and readings are a person's own word in this office.
NOT_EXPORTED = ("client_gateway",)
Readable = Callable[[ClientFile], Sequence[ArchiveFile]]


@dataclass
class OfficeExport:
    """An export under way. `folders` are the cases written so far; `not_opened` counts those that did not open."""

    staff: Staff = field(repr=False)
    at: dt.datetime
    case_ids: tuple[UUID, ...]
    out_of_reach: int
    folders: list[dict[str, Any]] = field(default_factory=list)
    not_opened: int = 0


def begin_office_export(staff: Staff) -> OfficeExport:
    """Return the export of all cases that the member has a key for, and record it in the audit trail."""
    with office_transaction(staff.org_id):
        case_ids = tuple(reader.open_view(staff.keys, zone=staff.zone).case_ids())
        files = VaultCase.objects.filter(org_id=staff.org_id).values("case_id").distinct().count()
        audit_trail.record_entry_in_transaction(
            staff.keys, "export", reason="office downloaded", count=max(1, len(case_ids))
        )
    # One file is the office's own.
    return OfficeExport(staff, clock.now(), case_ids, max(0, files - 1 - len(case_ids)))


def stream_office(export: OfficeExport, readable: Readable) -> Generator[bytes]:
    """Yield the archive. Each case is read in a transaction of its own, so that members can go on working.

    Before each case the session is looked up: when it was locked or ended meanwhile, this raises SessionGone, and the
    archive breaks off.
    """
    archive = ZipStream(export.at)

    def list_files() -> Iterator[ArchiveFile]:
        yield from _office_files(export.staff)
        tables = _Tables()
        for case_id in export.case_ids:
            _require_session(export.staff)
            yield from _case(export, case_id, readable, tables)
        yield from tables.files()
        facts = {
            "kind": "office",
            "cases": export.folders,
            "cases_not_opened": export.out_of_reach + export.not_opened,
        }
        yield from client_file.manifest_files(facts, export.at, archive.written)

    return archive.stream(list_files())


def _require_session(staff: Staff) -> None:
    """Raise SessionGone unless the member's session is open and they are still a member; Refused in a lock-down."""
    with office_transaction(staff.org_id):
        lockdown.refuse_export(staff)
        is_member = staff.member_id in members.read_directory(staff.keys, accepts_older=True).active_ids
        is_open = staff.presence is None or any(
            device.is_this and not device.is_locked for device in active_sessions.list_devices(staff)
        )
    if not (is_member and is_open):
        raise SessionGone("an export was under way")


def _office_files(staff: Staff) -> Iterator[ArchiveFile]:
    with office_transaction(staff.org_id):
        office = msgspec.to_builtins(office_file.read_office(staff.keys))
        directory = members.read_directory(staff.keys, accepts_older=True)
    for name in NOT_EXPORTED:
        office.pop(name, None)
    people = [
        {
            "id": str(person.member_id),
            "name": person.name,
            "role": person.role,
            "is_admin": person.is_admin,
            "is_supervising": person.is_supervising,
            "state": person.state,
        }
        for person in directory.people
    ]
    yield ArchiveFile(OFFICE, [msgspec.json.format(msgspec.json.encode(office))])
    yield ArchiveFile(MEMBERS, [msgspec.json.format(msgspec.json.encode(people))])


def _case(export: OfficeExport, case_id: UUID, readable: Readable, tables: "_Tables") -> Iterator[ArchiveFile]:
    staff = export.staff
    try:
        with office_transaction(staff.org_id):
            opened = client_file.read_client_file(staff, case_access.open_case(staff.keys, case_id))
    except (NotFound, OpenFailed):
        export.not_opened += 1
        return
    folder = f"{CASES}/{opened.ref}-{case_id.hex[:8]}/"
    yield from client_file.case_files(opened, readable(opened), folder, has_tables=False)
    tables.add(opened)
    export.folders.append(client_file.case_facts(opened, folder))


class _Tables:
    """One table for each kind of record over all cases, compressed in memory until its turn is there."""

    def __init__(self) -> None:
        self._packed: dict[str, tuple[Any, list[bytes]]] = {}

    def add(self, opened: ClientFile) -> None:
        for name, rows in record_files.csv_rows(opened.entries, opened.paths, opened.names, opened.ref).items():
            packer, pieces = self._packed.setdefault(name, (zlib.compressobj(), []))
            content = rows.body if pieces else csv_cells.MARK.encode() + rows.heading + rows.body
            pieces.append(packer.compress(content) or b"")

    def files(self) -> Iterator[ArchiveFile]:
        for name, (packer, pieces) in self._packed.items():
            yield ArchiveFile(f"{TABLES}/{name}", _unpack([*pieces, packer.flush()]))


def _unpack(pieces: list[bytes]) -> Iterator[bytes]:
    opener = zlib.decompressobj()
    for piece in pieces:
        yield opener.decompress(piece)
    yield opener.flush()
