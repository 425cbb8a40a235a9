"""The rows of a sealed file as stored: read in one query; `store.open_rows` opens the file, `open_record` one row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.vault import queries, registry, seen_versions
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.errors import NewerSchema, OpenFailed
from caseapp.vault.registry import Record


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


def open_record(ciphers: Mapping[int, CaseCipher], record_id: UUID, version: int, kver: int, blob: bytes) -> Record:
    """Return the record in sealed bytes. Raises OpenFailed, also for a key version that `ciphers` lacks."""
    if kver not in ciphers:
        raise OpenFailed(f"record {record_id}: no key of version {kver}")
    opened = ciphers[kver].open(record=record_id, version=version, sealed=blob)
    if opened.kver != kver:
        raise OpenFailed(f"record {record_id}: key version differs")
    return registry.decode_record(opened.kind, opened.schema, opened.body)


def open_as_known(
    ciphers: Mapping[int, CaseCipher], record_id: UUID, version: int, kver: int, blob: bytes, newer: list[UUID]
) -> Record:
    """Return a record as far as this program knows it; of a newer one add the id to `newer`.

    Raises NewerSchema if it knows nothing of it, OpenFailed.
    """
    try:
        return open_record(ciphers, record_id, version, kver, blob)
    except NewerSchema as exc:
        newer.append(record_id)
        if not isinstance(exc.known, Record):
            raise
        return exc.known
