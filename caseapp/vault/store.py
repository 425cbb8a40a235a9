"""Sealed files and their records: open a file in one query, write several records as one change.

A file is a case, or the office's own file. Its key is wrapped for groups. Its head lists every record with version and
digest, so that opening the file detects rows restored, swapped, added or deleted outside this program.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Protocol, TypeVar, cast
from uuid import UUID, uuid4

from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.lib.errors import EditConflict, NotFound
from caseapp.vault import queries, registry, seen_versions, shred_keys
from caseapp.vault.core import primitives, wraps
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.keyring import GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.doubts import Doubt, refuse_damaged, refuse_doubtful, refuse_newer
from caseapp.vault.errors import NewerSchema, NoKey, OpenFailed
from caseapp.vault.file_rows import FileRows, open_as_known, read_rows
from caseapp.vault.head import Access, Head
from caseapp.vault.registry import Record

UNDO_DAYS = 30
log = logging.getLogger("caseapp.vault")
T = TypeVar("T", bound=Record)


class KeyHolder(Protocol):
    """The part of a request's keys (`accounts.keys.staff.Keys`) that the store uses."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def held(self) -> tuple[GroupKey, ...]: ...


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A record of a file with its id and the version that was read."""

    id: UUID
    version: int
    record: T


@dataclass
class SealedFile:
    """An open file. It contains keys, so keep it no longer than a request.

    read_wraps   the wraps of the newest key as they were read, empty for a new file; `read_kver`: that key's version
    doubt        reason why this may not be the newest state (`casefile.integrity.comparison`)
    newest_known version of the newest state that is known
    is_compared  False for a case that nothing was there to compare with
    lists_behind groups whose list is older than the file, or lacks it although it is complete
    newer        records that a newer program wrote: shown as far as this one knows them, and nothing is saved over
    """

    org_id: UUID
    id: UUID
    group: GroupKey
    kver: int
    keys: Mapping[int, bytes] = field(repr=False)
    head: Head = field(repr=False)
    head_version: int = 0
    head_digest: bytes = b""
    locked: bool = False
    half: bytes = field(default=b"", repr=False)
    read_wraps: bytes = field(default=b"", repr=False)
    read_kver: int = 0
    damaged: tuple[UUID, ...] = ()
    doubt: Doubt = ""
    newest_known: int = 0
    is_compared: bool = True
    lists_behind: tuple[UUID, ...] = ()
    newer: tuple[UUID, ...] = ()
    entries: dict[UUID, Entry[Record]] = field(default_factory=dict, repr=False)

    def entries_of(self, kind: type[T]) -> list[Entry[T]]:
        """Return every record of one kind, in no order."""
        return [cast("Entry[T]", entry) for entry in self.entries.values() if isinstance(entry.record, kind)]

    def get_only(self, kind: type[T]) -> Entry[T]:
        """Return the only record of a kind. Raises NotFound unless there is exactly one."""
        matches = self.entries_of(kind)
        if len(matches) != 1:
            raise NotFound(f"{kind.__name__} of {self.id}: {len(matches)} records")
        return matches[0]

    def get(self, record_id: UUID, kind: type[T]) -> Entry[T]:
        """Return a record by id. Raises NotFound if it is not in the file or is of another kind."""
        entry = self.entries.get(record_id)
        if entry is None or not isinstance(entry.record, kind):
            raise NotFound(f"{kind.__name__} {record_id}")
        return cast("Entry[T]", entry)

    @property
    def ciphers(self) -> dict[int, CaseCipher]:
        """Return the cipher of each key of the file, by key version."""
        return {kver: CaseCipher(key, self.org_id, self.id) for kver, key in self.keys.items()}

    @cached_property
    def cipher(self) -> CaseCipher:
        """Return the cipher of the newest key of the file."""
        return CaseCipher(self.keys[self.kver], self.org_id, self.id)

    @property
    def key(self) -> bytes:
        """Return the newest key of the file."""
        return self.keys[self.kver]

    def was_wrapped_for(self, group: GroupKey) -> bool:
        """Return whether the newest key, as read, is wrapped under exactly this key of a group.

        Only who holds the group's key can make such a wrap; what the file's own records say of it, everyone can write
        who holds the file's key.
        """
        ctx = wrap_context(self.org_id, self.id, self.read_kver)
        try:
            wraps.open_wrapset(self.read_wraps, group.wrap_key(self.half), object_id=self.id.bytes, ctx=ctx)
        except (NoKey, OpenFailed):
            return False
        return True


def open_file(keys: KeyHolder, file_id: UUID, *, lock: bool = False) -> SealedFile:
    """Open a file and all its records in one query. `lock` first locks the head's row until the transaction ends.

    Raises as `open_rows`.
    """
    return open_rows(keys, read_rows(keys.org_id, file_id, lock=lock))


def open_rows(keys: KeyHolder, rows: FileRows) -> SealedFile:
    """Open a file from its rows.

    Records that do not match the head are left out and named in `damaged`; a file older than a version that this server
    saw has a `doubt`. Raises NotFound when the file does not exist or the keyring has no key for it (callers cannot
    tell which), OpenFailed when key or head were altered.
    """
    file_id, key_rows, seen = rows.file_id, rows.wraps, rows.seen
    if not key_rows:
        raise NotFound(f"file {file_id}")
    try:
        half = shred_keys.read_half("cases", file_id)
    except shred_keys.Shredded as exc:
        # The user sees a missing file; the log tells the operator, in case the half was lost by accident.
        log.error("shred.half_missing %s", exc)
        raise NotFound(f"file {file_id}") from None
    group, case_keys = _case_keys(keys, file_id, key_rows, half)
    file = _assemble_file(keys.org_id, file_id, group, case_keys, dict(rows.records), rows.is_locked)
    file.half, file.read_kver, file.read_wraps = half, max(key_rows), key_rows[max(key_rows)]
    file.newest_known = max(file.head_version, seen)
    file.doubt = "older" if file.head_version < seen else ""
    if file.head_version > seen:
        seen_versions.remember_on_commit("file", file.org_id, file.id, file.head_version)
    return file


def _case_keys(
    keys: KeyHolder, file_id: UUID, rows: Mapping[int, bytes], half: bytes
) -> tuple[GroupKey, dict[int, bytes]]:
    opened: dict[int, bytes] = {}
    holder: GroupKey | None = None
    for kver, blob in sorted(rows.items()):
        context = wrap_context(keys.org_id, file_id, kver)

        def open_with(group: GroupKey, blob: bytes = blob, context: bytes = context) -> tuple[GroupKey, bytes]:
            return group, wraps.open_wrapset(blob, group.wrap_key(half), object_id=file_id.bytes, ctx=context)

        # A file stays wrapped for an older epoch until its next write.
        with suppress(NoKey):
            group, opened[kver] = open_with_any(keys.held, open_with, what=f"file {file_id}")
            holder = next(newer for newer in keys.held if newer.group == group.group)
    if holder is None or max(rows) not in opened:
        raise NotFound(f"file {file_id}")
    return holder, opened


def wrap_context(org_id: UUID, file_id: UUID, kver: int) -> bytes:
    """Return the context that a wrap of this version of a file's key is bound to."""
    return LABELS["case wrap"] + org_id.bytes + file_id.bytes + kver.to_bytes(4, "big")


def _assemble_file(
    org_id: UUID,
    file_id: UUID,
    group: GroupKey,
    case_keys: Mapping[int, bytes],
    sealed: dict[UUID, tuple[int, int, bytes]],
    locked: bool,
) -> SealedFile:
    if file_id not in sealed:
        raise OpenFailed(f"file {file_id}: its head is missing")
    ciphers = {kver: CaseCipher(key, org_id, file_id) for kver, key in case_keys.items()}
    head_version, head_kver, head_bytes = sealed.pop(file_id)
    if head_kver != max(case_keys):
        # Each new key is written with a new head, so this one was written by someone who lost the file's key.
        raise OpenFailed(f"file {file_id}: its head is under an older key")
    newer: list[UUID] = []
    head = open_as_known(ciphers, file_id, head_version, head_kver, head_bytes, newer)
    if not isinstance(head, Head):
        raise OpenFailed(f"file {file_id}: its head is something else")
    file = SealedFile(
        org_id, file_id, group, max(case_keys), case_keys, head, head_version, primitives.digest(head_bytes), locked
    )
    damaged = [record_id for record_id in head.entries if record_id not in sealed]
    for record_id, (version, kver, blob) in sealed.items():
        if head.entries.get(record_id) != (version, primitives.digest(blob)):
            damaged.append(record_id)
            continue
        try:
            record = open_as_known(ciphers, record_id, version, kver, blob, newer)
        except NewerSchema:
            continue
        except OpenFailed:
            damaged.append(record_id)
            continue
        if isinstance(record, Access) and kver != max(case_keys):
            damaged.append(record_id)  # each new key is written with the access list, as with the head
            continue
        file.entries[record_id] = Entry(record_id, version, record)
    file.damaged, file.newer = tuple(damaged), tuple(newer)
    return file


def file_of_record(org_id: UUID, record_id: UUID) -> UUID:
    """Return the id of the file that contains a record. Raises NotFound."""
    file_id = queries.find_file_id(org_id, record_id)
    if file_id is None:
        raise NotFound(f"record {record_id}")
    return file_id


class Draft:
    """Changes to one file, collected and then written together. The file is locked, or new from `new_file`."""

    def __init__(self, file: SealedFile, *, by: UUID) -> None:
        if file.newer:
            raise refuse_newer()
        if file.damaged:
            raise refuse_damaged()
        if file.doubt:
            raise refuse_doubtful(file.doubt)
        self.file = file
        self.by = by
        self.at = clock.now()
        self.changed: dict[UUID, Entry[Record]] = {}
        self.before: dict[UUID, Entry[Record]] = {}
        self.removed: dict[UUID, Entry[Record]] = {}

    def add(self, record: Record, record_id: UUID | None = None) -> UUID:
        """Add a new record to the file. Return its id."""
        added = replace(record, entered_by=self.by, entered_at=self.at)
        return self._put_entry(record_id or uuid4(), 1, added)

    def adopt(self, record_id: UUID, record: Record, version: int = 1) -> UUID:
        """Add a record of another office or program with the author, time and version it has there. Return its id."""
        known = record if record.entered_at else replace(record, entered_by=self.by, entered_at=self.at)
        return self._put_entry(record_id, version, known)

    def get_at_version(self, record_id: UUID, kind: type[T], version: int) -> T:
        """Return the record at the version that the user saw. Raises NotFound, EditConflict if it was saved since."""
        entry = self.file.get(record_id, kind)
        if entry.version != version:
            raise EditConflict(entry.version)
        return entry.record

    def change(self, record_id: UUID, record: Record, *, version: int | None = None) -> UUID:
        """Replace a record. `version` is the one that the user saw; raises EditConflict if the stored one differs."""
        entry = self.file.get(record_id, type(record))
        if version is not None and version != entry.version and record_id not in self.changed:
            raise EditConflict(entry.version)
        changed = replace(record, changed_by=self.by, changed_at=self.at)
        if record_id in self.changed:
            return self._put_entry(record_id, entry.version, changed)
        self.before[record_id] = entry
        return self._put_entry(record_id, entry.version + 1, changed)

    def restore(self, record_id: UUID, record: Record, version: int) -> None:
        """Restore a removed record under a version that it never had."""
        self._put_entry(record_id, version, replace(record, changed_by=self.by, changed_at=self.at))

    def remove(self, record_id: UUID, *, version: int | None = None) -> None:
        """Remove a record from the file. Its last version is kept for undo. Raises NotFound, EditConflict."""
        entry = self.file.entries.get(record_id)
        if entry is None:
            raise NotFound(f"record {record_id}")
        if version is not None and version != entry.version:
            raise EditConflict(entry.version)
        self.removed[record_id] = self.before[record_id] = entry
        del self.file.entries[record_id]
        self.changed.pop(record_id, None)

    def _put_entry(self, record_id: UUID, version: int, record: Record) -> UUID:
        self.changed[record_id] = self.file.entries[record_id] = Entry(record_id, version, record)
        return record_id


def new_file(keys: KeyHolder, groups: Iterable[GroupKey]) -> Draft:
    """Return the draft of a new file with a key of its own, wrapped for these groups.

    The shred half and the wraps are stored at once, the records by `write`.
    """
    holders = tuple(groups)
    case_key = primitives.new_key()
    file_id = uuid4()
    half = shred_keys.new("cases", file_id)
    file = SealedFile(keys.org_id, file_id, holders[0], 1, {1: case_key}, Head(), half=half, locked=True)
    draft = Draft(file, by=keys.member_id)
    grants = tuple((group.group, group.epoch, slot) for slot, group in enumerate(holders))
    draft.add(Access(grants=grants, token_key=primitives.new_key()))
    blob = wraps.new_wrapset(slots=-(-len(holders) // 4) * 4)
    for slot, group in enumerate(holders):
        blob = wraps.set_slot(
            blob,
            slot,
            group.wrap_key(half),
            case_key,
            object_id=file.id.bytes,
            ctx=wrap_context(keys.org_id, file.id, 1),
        )
    queries.insert_key_version(keys.org_id, file.id, 1, blob)
    return draft


def write_draft(draft: Draft) -> None:
    """Write the draft's records and the new head, in the caller's transaction, which holds the head's lock.

    Raises ValueError if the file is not locked.
    """
    write_drafts([draft])


def write_drafts(drafts: Sequence[Draft]) -> None:
    """Write drafts of one office as `write_draft` does, with few statements."""
    sealed = [_seal_draft(draft) for draft in drafts]
    for org_id in {draft.file.org_id for draft in drafts}:
        if replaced := [entry.id for draft in drafts for entry in draft.before.values()]:
            queries.copy_to_past(org_id, replaced)
        if removed := [record_id for draft in drafts for record_id in draft.removed]:
            queries.delete_records(org_id, removed)
        if stale := [item[:2] for _, old in sealed for item in old]:
            queries.delete_past_versions(org_id, stale)
        queries.write_records([row for rows, _ in sealed for row in rows])
    for draft in drafts:
        seen_versions.remember_on_commit("file", draft.file.org_id, draft.file.id, draft.file.head_version)


def _seal_draft(draft: Draft) -> tuple[list[queries.RecordRow], list[tuple[UUID, int, dt.date]]]:
    """Return the rows of records and head, and the past versions that undo does not need any more."""
    file = draft.file
    if not file.locked:
        raise ValueError("a draft is written only over a locked file")
    entries = {record_id: seen for record_id, seen in file.head.entries.items() if record_id not in draft.removed}
    rows: list[queries.RecordRow] = []
    for entry in draft.changed.values():
        sealed = _seal_record(file, entry.id, entry.version, entry.record)
        entries[entry.id] = (entry.version, primitives.digest(sealed))
        rows.append((file.org_id, entry.id, file.id, entry.version, file.kver, sealed))
    today = draft.at.date()
    past = [item for item in file.head.past if (today - item[2]).days <= UNDO_DAYS]
    stale = [item for item in file.head.past if (today - item[2]).days > UNDO_DAYS]
    past += [(entry.id, entry.version, today) for entry in draft.before.values()]
    file.head = Head(entries=entries, past=tuple(past))
    file.head_version = max(file.head_version, file.newest_known) + 1
    head = _seal_record(file, file.id, file.head_version, file.head)
    file.head_digest = primitives.digest(head)
    rows.append((file.org_id, file.id, file.id, file.head_version, file.kver, head))
    file.newest_known = file.head_version
    return rows, stale


def _seal_record(file: SealedFile, record_id: UUID, version: int, record: Record) -> bytes:
    return file.cipher.seal(
        record=record_id,
        version=version,
        kver=file.kver,
        kind=record.KIND,
        schema=record.SCHEMA,
        body=registry.encode_record(record),
    )


def changed_records(draft: Draft, kind: type[T]) -> Iterator[tuple[Entry[T] | None, Entry[T] | None]]:
    """Yield (before, after) of each changed record of a kind. `before` is None if new, `after` is None if removed."""
    for record_id in {*draft.changed, *draft.removed}:
        before, after = draft.before.get(record_id), draft.changed.get(record_id)
        shown = after or before
        if shown is not None and isinstance(shown.record, kind):
            yield cast("Entry[T] | None", before), cast("Entry[T] | None", after)
