"""The office's own sealed file: one record, wrapped for every group."""

from caseapp.accounts.keys.staff import Keys
from caseapp.records.office import Office
from caseapp.vault import store
from caseapp.vault.store import Draft


def read_office(keys: Keys) -> Office:
    """Return the office's record. Raises NotFound, OpenFailed."""
    return store.open_file(keys, keys.office_file).get_only(Office).record


def save_office(keys: Keys, office: Office) -> None:
    """Save the office's record, in the caller's transaction."""
    file = store.open_file(keys, keys.office_file, lock=True)
    draft = Draft(file, by=keys.member_id)
    draft.change(file.get_only(Office).id, office)
    store.write_draft(draft)
