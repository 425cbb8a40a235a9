"""Access to a case by key: only a member with its key can open it; for everyone else it does not exist."""

from uuid import UUID

from caseapp.accounts.keys.staff import Keys
from caseapp.casefile.integrity import comparison
from caseapp.casefile.integrity.comparison import Listing
from caseapp.index.view import IndexView
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.vault import store
from caseapp.vault.errors import NewerSchema, OpenFailed
from caseapp.vault.store import SealedFile


class CaseMissing(OpenFailed):
    """The lists contain the case, and the database has no file of it that opens."""


def open_case(keys: Keys, case_id: UUID, *, lock: bool = False, view: IndexView | None = None) -> SealedFile:
    """Return the case's file with its records, compared with the lists of cases (`SealedFile.doubt`).

    view    lists that were read already; they may be older than the file
    Raises  NotFound (also for the office's own file), OpenFailed, CaseMissing
    """
    try:
        file = store.open_file(keys, case_id, lock=lock)
    except NotFound:
        if comparison.read_listing(keys, case_id, view).rows:
            raise CaseMissing(f"case {case_id} is listed and its file does not open") from None
        raise
    if file.newer and not file.entries_of(Case):
        raise NewerSchema(f"case {case_id} is of a newer program")
    if not file.damaged:
        file.get_only(Case)
    listing = comparison.read_listing(keys, case_id, view)
    comparison.compare(file, listing)
    # While the file is locked no save can come between the two reads. Lists that were read earlier may be behind.
    return file if not file.doubt or (lock and view is None) else _compare_again(keys, file.id, listing, lock=lock)


def _compare_again(keys: Keys, case_id: UUID, before: Listing, *, lock: bool) -> SealedFile:
    """Return the file, read anew, with the doubt that no save between two reads explains.

    A file that is read after the lists and is older than they say was put back. Lists that are read after the file and
    are older than it were put back.
    """
    file = store.open_file(keys, case_id, lock=lock)
    by_server = file.doubt
    comparison.compare(file, before)
    if file.doubt != "older":
        file.doubt = by_server
        comparison.compare(file, comparison.read_listing(keys, case_id))
        if file.doubt == "older" and not by_server:  # a still newer save came between
            file.doubt = ""
    return file


def find_case_id(keys: Keys, record_id: UUID) -> UUID:
    """Return the id of the case that contains a record. Raises NotFound; checks no access."""
    return store.file_of_record(keys.org_id, record_id)
