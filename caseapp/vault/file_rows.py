"""The rows of a sealed file as stored: read in one query, opened by `store.open_rows`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.vault import queries, seen_versions


@dataclass(frozen=True)
class FileRows:
    """The rows of a file, as stored. `seen`: the newest version that this server saw before it read them."""

    org_id: UUID
    file_id: UUID
    seen: int = field(compare=False)  # it grows while the rows stay the same
    wraps: Mapping[int, bytes]
    records: Mapping[UUID, tuple[int, int, bytes]]
    is_locked: bool = False


def read_rows(org_id: UUID, file_id: UUID, *, lock: bool = False) -> FileRows:
    """Return the rows of a file; none for one that does not exist. `lock` as in `open_file`."""
    seen = seen_versions.newest_seen("file", org_id, file_id)  # before the rows: a save may come between
    if lock:
        queries.lock_head(org_id, file_id)
    wraps_by_version, records = queries.load_file(org_id, file_id)
    return FileRows(org_id, file_id, seen, wraps_by_version, records, lock)
