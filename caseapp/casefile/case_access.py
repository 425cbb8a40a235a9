"""Access to a case by key: only a member with its key can open it; for everyone else it does not exist."""

from uuid import UUID

from caseapp.accounts.keys.staff import Keys
from caseapp.records.case import Case
from caseapp.vault import store
from caseapp.vault.store import SealedFile


def open_case(keys: Keys, case_id: UUID, *, lock: bool = False) -> SealedFile:
    """Return the case's file with its records. Raises NotFound (also for the office's own file), OpenFailed."""
    file = store.open_file(keys, case_id, lock=lock)
    if not file.damaged:
        file.get_only(Case)
    return file


def find_case_id(keys: Keys, record_id: UUID) -> UUID:
    """Return the id of the case that contains a record. Raises NotFound; checks no access."""
    return store.file_of_record(keys.org_id, record_id)
