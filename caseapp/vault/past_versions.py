"""Versions of records besides the current ones: earlier ones for undo, and newer ones that rolled-back rows left."""

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from caseapp.lib.errors import NotFound
from caseapp.vault import queries
from caseapp.vault.errors import NewerSchema, OpenFailed
from caseapp.vault.file_rows import open_record
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile


def past_version(file: SealedFile, record_id: UUID, version: int) -> Record:
    """Return an earlier version of a record, for undo. Raises NotFound when it is no longer kept."""
    if not any(item[:2] == (record_id, version) for item in file.head.past):
        raise NotFound(f"record {record_id} version {version}")
    row = queries.find_past_version(file.org_id, record_id, version)
    if row is None:
        raise NotFound(f"record {record_id} version {version}")
    return open_record(file.ciphers, record_id, version, *row)


def kept_versions(file: SealedFile, *, today: dt.date) -> dict[UUID, list[Entry[Record]]]:
    """Return the replaced and removed versions of each record that undo may still put back, the oldest first.

    Those that do not open, or that a newer program wrote, are left out. `today` is in UTC.
    """
    listed = {(record_id, version) for record_id, version, on in file.head.past if (today - on).days <= UNDO_DAYS}
    kept: dict[UUID, list[Entry[Record]]] = {}
    for record_id, version, kver, sealed in queries.past_versions_of(file.org_id, list({item[0] for item in listed})):
        if (record_id, version) not in listed:
            continue
        with suppress(OpenFailed, NewerSchema):
            record = open_record(file.ciphers, record_id, version, kver, sealed)
            kept.setdefault(record_id, []).append(Entry(record_id, version, record))
    return {record_id: sorted(entries, key=lambda entry: entry.version) for record_id, entries in kept.items()}


def unlisted_versions(file: SealedFile) -> dict[UUID, Entry[Record]]:
    """Return the newest stored version of each record that opens and that the file's head does not know.

    Such rows stay behind when a part of the file was put back to an earlier state. A damaged record is among them if
    any version of it opens.
    """
    known_past = {(record_id, version) for record_id, version, _ in file.head.past}
    newest: dict[UUID, Entry[Record]] = {}
    for record_id, version, kver, sealed in queries.stored_versions(file.org_id, file.id):
        is_known = (record_id, version) in known_past and record_id not in file.damaged
        if record_id == file.id or is_known or version <= _newest_version(file, newest, record_id):
            continue
        try:
            record = open_record(file.ciphers, record_id, version, kver, sealed)
        except OpenFailed:
            continue
        newest[record_id] = Entry(record_id, version, record)
    return newest


def delete_records(file: SealedFile, record_ids: Collection[UUID]) -> None:
    """Delete rows of a locked file that do not open and that its head no longer names. Raises ValueError."""
    if not file.locked:
        raise ValueError("rows are deleted only from a locked file")
    queries.delete_unnamed_records(file.org_id, file.id, record_ids)


def _newest_version(file: SealedFile, newest: dict[UUID, Entry[Record]], record_id: UUID) -> int:
    """Return the version that a stored one must exceed to count: of the open file, or newest so far."""
    entry = newest.get(record_id) or file.entries.get(record_id)
    return entry.version if entry is not None else 0
