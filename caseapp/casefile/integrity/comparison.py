"""Comparison of an open case with what else knows its newest version: lists, and the audit trail as second witness.

A case's row in the index carries version and digest of the head that was saved with it. Rows of the database that were
put back to an earlier state make the two differ, whichever of them was put back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from caseapp.accounts.keys.staff import Keys
from caseapp.audit import read as audit
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.index.rows import CaseRow
from caseapp.index.view import IndexView
from caseapp.vault.doubts import Doubt
from caseapp.vault.store import SealedFile

_Head = tuple[int, bytes]  # version and digest


@dataclass(frozen=True)
class Listing:
    """A case's row by group, in the lists of the member; `is_whole` is False while rows may be missing."""

    rows: Mapping[UUID, CaseRow]
    is_whole: bool

    @property
    def newest(self) -> CaseRow | None:
        """Return the row of the newest save, or None."""
        return max(self.rows.values(), key=lambda row: row.head_version, default=None)

    @property
    def newest_group_id(self) -> UUID | None:
        """Return the group that has the row of the newest save, or None."""
        return max(self.rows, key=lambda group_id: self.rows[group_id].head_version, default=None)


def read_listing(keys: Keys, case_id: UUID, view: IndexView | None = None) -> Listing:
    """Return what the lists say of a case, in the office's transaction. `view`: lists that were read already."""
    try:
        lists = view or reader.open_readable_view(keys)
    except StaleEpoch:  # a group has a newer key, which is on its way to this member
        return Listing({}, is_whole=False)
    return Listing(lists.listed_rows(case_id), lists.is_whole)


def compare(file: SealedFile, listing: Listing) -> None:
    """Set the file's doubt, its newest known version and whether it could be compared.

    A row that was written when nothing was there to compare with keeps the case "not compared" until it is accepted.
    """
    listed = [(row.head_version, row.head_digest) for row in listing.rows.values()]
    known = list(listed)
    is_marked = any(row.not_compared for row in listing.rows.values())
    if is_marked or not listing.is_whole:
        witness = audit.newest_head_of_case(file.org_id, file.id, file.keys)
        known += [witness] if witness is not None else []
    file.newest_known = max([file.newest_known, *(version for version, _ in known)])
    file.doubt = file.doubt or _find_doubt(file, listed, known, is_whole=listing.is_whole)
    file.is_compared = bool(listed) and not is_marked
    behind = tuple(group_id for group_id, row in listing.rows.items() if row.head_version < file.head_version)
    file.lists_behind = (file.group.group,) if file.doubt == "unlisted" else behind


def _find_doubt(file: SealedFile, listed: list[_Head], known: list[_Head], *, is_whole: bool) -> Doubt:
    mine = (file.head_version, file.head_digest)
    if any(version > mine[0] or (version == mine[0] and digest != mine[1]) for version, digest in known):
        return "older"
    if any(version < mine[0] for version, _ in listed):
        return "list_older"
    return "unlisted" if not listed and is_whole else ""
