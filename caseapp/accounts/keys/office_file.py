"""The office's own sealed file: one record, wrapped for every group."""

from caseapp.accounts.keys.staff import Keys
from caseapp.lib.errors import Refused
from caseapp.records.office import Office
from caseapp.vault import store
from caseapp.vault.file_rows import FileRows, read_rows
from caseapp.vault.store import Draft, SealedFile


def read_office(keys: Keys) -> Office:
    """Return the office's record. Raises NotFound, OpenFailed."""
    return _open_once(keys)[1].get_only(Office).record


def open_office_file(keys: Keys) -> SealedFile:
    """Return the office's file, for reading: the same rows are opened once by these keys. Raises as `read_office`."""
    return _open_once(keys)[1]


def _open_once(keys: Keys) -> tuple[FileRows, SealedFile]:
    """Return the file's rows, read just now, and the file: the same rows are opened once by these keys."""
    rows = keys.read_once("office file", lambda: read_rows(keys.org_id, keys.office_file))
    return rows, keys.open_once("office", rows, lambda: store.open_rows(keys, rows))


def save_office(keys: Keys, office: Office) -> None:
    """Save the office's record, in the caller's transaction."""
    file = store.open_file(keys, keys.office_file, lock=True)
    draft = Draft(file, by=keys.member_id)
    draft.change(file.get_only(Office).id, office)
    store.write_draft(draft)


def is_older(keys: Keys) -> bool:
    """Return whether the stored file is older than one this server saw. Raises NotFound, OpenFailed."""
    rows, file = _open_once(keys)
    return file.head_version < rows.seen


def accept_older(keys: Keys) -> None:
    """Save a file that was put back as the newest version, in the caller's transaction. Raises Refused."""
    file = store.open_file(keys, keys.office_file, lock=True)
    if not file.doubt:
        raise Refused("settled", "The office's settings are the newest ones. A decision was made already.")
    file.doubt = ""
    store.write_draft(Draft(file, by=keys.member_id))
