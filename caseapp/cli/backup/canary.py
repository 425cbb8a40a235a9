"""The case that a drill opens, with a member's own passphrase: the proof that a backup can be read by people.

Needs Django with the restored database. Nothing about the case is printed but how much of it opened.
"""

from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.conf import settings

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sessions, sign_in, unlock_bundle
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import OpenDocument
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.drill_member import DrillMember
from caseapp.index import reader
from caseapp.lib.errors import NotFound, TooMany
from caseapp.records.case import Case
from caseapp.records.document import Document
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


@dataclass(frozen=True)
class CanaryResult:
    """Numbers of records and documents that opened."""

    records: int
    documents: int


def open_canary(member: DrillMember) -> CanaryResult:
    """Open a case of the member: the one with this reference, else any. Raises BackupRefused."""
    import_module(settings.ROOT_URLCONF)  # loads every feature, and so every kind of record
    try:
        staff = _unlock(member)
        with office_transaction(staff.org_id):
            case_id = _find_case(staff, member.ref)
            return _open_all(staff, case_id)
    except (OpenFailed, NotFound, TooMany):
        raise BackupRefused(
            "The case did not open from the restored backup: the address, office code or passphrase is wrong, or the "
            "backup is not enough."
        ) from None


def _unlock(member: DrillMember) -> Staff:
    ids = sign_in.find_member(member.email, member.office_code)
    row = unlock_bundle.find_member(*ids) if ids else None
    if row is None:
        raise NotFound("member")
    return sessions.load_staff(row.org_id, row.id, unlock_bundle.by_passphrase(row, member.passphrase))


def _find_case(staff: Staff, ref: str) -> UUID:
    rows = reader.open_view(staff.keys, zone=staff.zone).all_rows()
    wanted = ref.strip().casefold()
    for case_id, row in rows:
        if not wanted or row.ref.casefold() == wanted:
            return case_id
    raise NotFound("case")


def _open_all(staff: Staff, case_id: UUID) -> CanaryResult:
    """Open every record and every stored file of the case. Raises OpenFailed."""
    file = case_access.open_case(staff.keys, case_id)
    if file.damaged or file.doubt:
        raise OpenFailed("the case is not whole")
    file.get_only(Case)
    versions = [version for entry in file.entries_of(Document) for version in entry.record.files]
    for version in versions:
        for _ in OpenDocument(staff.org_id, version).stream_verified():
            pass
    return CanaryResult(len(file.entries), len(versions))
