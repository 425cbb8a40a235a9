"""Import of exported cases: each in one transaction, with the ids of its records, so that a repeat skips it.

What was interrupted is started again with the same archive: cases that are in the office already are left as they are.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import gate
from caseapp.casefile import case_access, file_storage, restriction
from caseapp.casefile.file_storage import BlobWriter, SealedBlob
from caseapp.casefile.transaction import new_case_transaction
from caseapp.lib.errors import NotFound, Refused
from caseapp.moving.services.own_import.package import CHANGED, CaseFacts, Package, PackageLine
from caseapp.records.case import Case, is_restricted
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document, FileVersion
from caseapp.records.hearing import Hearing
from caseapp.records.office import Closure, Court
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NewerSchema, UnknownFormat
from caseapp.vault.registry import KINDS, Record, convert_record
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

RECOVERY_FIRST = gettext_noop(
    "Before cases are imported the office's recovery sheets are checked. An admin finds them at Recovery."
)
NO_TEAM = gettext_noop("You are in no team yet. A supervisor or admin adds you to one.")
_KIND_NUMBERS = {name: number for number, name in KINDS.items()}
StoredFile = tuple[dict[str, Any], SealedBlob]  # fields as exported, the bytes under this office's key
Report = Callable[[int, int], object]  # cases done, of how many


@dataclass
class ImportResult:
    """Result of an import. `refused` are the references of cases that could not be read."""

    imported: int = 0
    present: int = 0
    refused: list[str] = field(default_factory=list)


def import_package(staff: Staff, package: Package, report: Report = lambda _done, _total: None) -> ImportResult:
    """Import every case of an archive whose sums were checked. Members are found by name, else it is the importer.

    Raises Refused while the office's recovery sheets are due, and for a member without a team.
    """
    permissions.require(staff, "export_office")
    with office_transaction(staff.org_id):
        if gate.is_recovery_due(staff.keys):
            raise Refused("recovery", RECOVERY_FIRST)
        if not staff.keys.teams:
            raise Refused("group", NO_TEAM)
        people = _map_members(staff, package.members)
        add_settings(staff, package.office())
    run = _Run(staff, ArchiveCases(staff, package, people))
    result = ImportResult()
    for number, case in enumerate(package.manifest.cases, 1):
        try:
            is_new = run.import_case(case)
        except (NewerSchema, UnknownFormat, Refused):
            result.refused.append(case.ref)
        else:
            result.imported += is_new
            result.present += not is_new
        report(number, len(package.manifest.cases))
    audit_trail.record_entry(staff.keys, "export", reason="office imported", count=max(1, result.imported))
    return result


def _map_members(staff: Staff, old: Mapping[UUID, str]) -> dict[UUID, UUID]:
    """Return the member of this office for each of the other: the one with the same name, else the importer."""
    by_name: dict[str, list[UUID]] = {}
    for person in members.read_directory(staff.keys).active_people:
        by_name.setdefault(person.name.casefold(), []).append(person.member_id)
    matches = {member: by_name.get(name.casefold(), []) for member, name in old.items()}
    return {member: ids[0] if len(ids) == 1 else staff.member_id for member, ids in matches.items()}


def add_settings(staff: Staff, old: Mapping[str, Any]) -> None:
    """Add courts and closures that this office has not. Readings of rules and confirmations are its own attorneys'."""
    office = office_file.read_office(staff.keys)
    courts = msgspec.convert(old.get("courts", ()), tuple[Court, ...])
    closures = msgspec.convert(old.get("closures", ()), tuple[Closure, ...])
    known = {court.name for court in office.courts}
    added = tuple(court for court in courts if court.name not in known)
    added_closures = tuple(closure for closure in closures if closure not in office.closures)
    if added or added_closures:
        office_file.save_office(
            staff.keys,
            replace(office, courts=(*office.courts, *added), closures=(*office.closures, *added_closures)),
        )


@dataclass(frozen=True)
class ReadCase:
    """A case of an archive with the members of this office in place of the other's, and not written yet."""

    facts: CaseFacts
    lines: list[PackageLine] = field(repr=False)
    records: dict[UUID, Record] = field(repr=False)
    case: Case = field(repr=False)

    @property
    def inside(self) -> frozenset[UUID]:
        """Return its lead and team."""
        return frozenset((*self.case.team, *((self.case.lead,) if self.case.lead else ())))


class ArchiveCases:
    """The cases of an archive as this office takes them. `people`: id of each member there to the id here."""

    def __init__(self, staff: Staff, package: Package, people: Mapping[UUID, UUID]) -> None:
        self._staff, self._package = staff, package
        self._people = {str(old): str(new) for old, new in people.items()}

    def read_case(self, facts: CaseFacts) -> ReadCase | None:
        """Read a case; None for one that is in the office already. Raises NewerSchema, UnknownFormat, Refused."""
        lines = self._package.lines_of(facts)
        if not lines or self.is_present(lines):
            return None
        records = {line.id: self._record_of(line) for line in lines}
        case = next((record for record in records.values() if isinstance(record, Case)), None)
        if case is None:
            raise UnknownFormat("a case without its own record")
        return ReadCase(facts, lines, records, case)

    def is_present(self, lines: Sequence[PackageLine]) -> bool:
        """Return whether a case of these lines is in the office already."""
        with office_transaction(self._staff.org_id):
            try:
                case_access.find_case_id(self._staff.keys, lines[0].id)
            except NotFound:
                return False
        return True

    def store_documents(self, read: ReadCase) -> dict[UUID, list[StoredFile]]:
        """Seal the bytes of all documents of a case. What a crash leaves behind is deleted within a day."""
        stored: dict[UUID, list[StoredFile]] = {}
        for line in read.lines:
            for fields in line.record.get("files", ()) if line.kind == "document" else ():
                if f"{read.facts.folder}{fields['path']}" in self._package.manifest.not_whole:
                    continue
                blob = self._store_file(f"{read.facts.folder}{fields['path']}", fields)
                stored.setdefault(line.id, []).append((self._with_people(fields), blob))
        return stored

    def add_to_draft(self, draft: Draft, read: ReadCase, blobs: Mapping[UUID, Sequence[StoredFile]]) -> None:
        """Add the records of a case with the ids that they had, and link its stored files."""
        for line in read.lines:
            draft.adopt(line.id, _with_files(read.records[line.id], blobs.get(line.id, ())), line.version)
        for stored in blobs.values():
            for _fields, blob in stored:
                file_storage.mark_linked(self._staff.org_id, blob.id)

    def _record_of(self, line: PackageLine) -> Record:
        fields = dict(line.record)
        if line.kind == "document":
            fields.pop("files", None)
        number = _KIND_NUMBERS.get(line.kind, 0)
        if not 0 < number < 100:
            raise UnknownFormat(f"no kind {line.kind}")
        record = convert_record(number, line.schema, self._with_people(fields))
        if isinstance(record, Deadline | Hearing):
            return replace(record, planned=(), plan_version=0)  # reminders are planned again, for the members here
        return record

    def _with_people(self, value: Any) -> Any:
        """Return fields with this office's members in place of the other's."""
        if isinstance(value, str):
            return self._people.get(value, value)
        if isinstance(value, list):
            return [self._with_people(part) for part in value]
        if isinstance(value, dict):
            return {name: self._with_people(part) for name, part in value.items()}
        return value

    def _store_file(self, path: str, fields: Mapping[str, Any]) -> SealedBlob:
        writer, sha = BlobWriter(self._staff.org_id), hashlib.sha256()
        try:
            for piece in self._package.pieces_of(path):
                sha.update(piece)
                writer.write(piece)
        except Refused:
            writer.abandon()
            raise
        if sha.hexdigest() != fields["sha256"]:
            writer.abandon()
            raise Refused("changed", CHANGED)
        return writer.finish()


class _Run:
    """One import under way at a terminal, case by case, each in one transaction."""

    def __init__(self, staff: Staff, cases: ArchiveCases) -> None:
        self._staff, self._cases = staff, cases
        self._restricted: dict[frozenset[UUID], GroupKey] = {}

    def import_case(self, facts: CaseFacts) -> bool:
        """Import a case. Return False for one that is in the office already."""
        read = self._cases.read_case(facts)
        if read is None:
            return False
        group = self._group_for(read)
        blobs = self._cases.store_documents(read)
        with new_case_transaction(self._staff, group) as draft:
            self._cases.add_to_draft(draft, read, blobs)
        return True

    def _group_for(self, read: ReadCase) -> GroupKey:
        """Return the group a case opens in: a restricted one of its lead and team for relief that asks for it."""
        if not is_restricted(read.case.relief):
            return self._staff.keys.teams[0]
        if read.inside not in self._restricted:
            name = _("Restricted, imported")
            self._restricted[read.inside] = restriction.make_restricted_group(self._staff, name, read.inside)
        return self._restricted[read.inside]


def _with_files(record: Record, stored: Sequence[StoredFile]) -> Record:
    """Return a document with its stored files under this office's keys; any other record unchanged."""
    if not stored or not isinstance(record, Document):
        return record
    files = tuple(
        FileVersion(
            blob=blob.id,
            version=file_storage.VERSION,
            key=blob.key,
            size=blob.size,
            padded=blob.padded,
            chunks=blob.chunks,
            sha256=blob.sha256,
            name=fields["name"],
            media_type=fields["media_type"],
            added_at=msgspec.convert(fields["added_at"], type=dt.datetime),
            added_by=UUID(fields["added_by"]),
        )
        for fields, blob in stored
    )
    return replace(record, files=files)
