"""Who may open a case: whoever holds its key. Everybody else gets what a wrong address gets."""

from uuid import UUID

from caseapp.accounts.keys.staff import Keys
from caseapp.records.case import Case
from caseapp.vault import store
from caseapp.vault.store import SealedFile


def open_case(keys: Keys, case_id: UUID, *, lock: bool = False) -> SealedFile:
    """The case's file with its records. Raises NotFound (also for the office's own file), OpenFailed."""
    file = store.open_file(keys, case_id, lock=lock)
    if not file.damaged:
        file.one(Case)
    return file


def case_of(keys: Keys, record_id: UUID) -> UUID:
    """The case a record stands in. Raises NotFound; says nothing of who may open it."""
    return store.case_of(keys.org_id, record_id)
