"""Parts of the conflict officers' index: written by every member's saves, read and merged by an officer.

A part is sealed to the group's public key (`vault.core.parts`, algorithm 02); merging turns it into 01. The parts are a
bag: each has a random number, and what counts is the version inside. So no save waits for another one.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec

from caseapp.index import queries
from caseapp.index.conflicts import rows
from caseapp.index.conflicts.rows import ConflictEntry
from caseapp.index.errors import IndexDamaged
from caseapp.vault.core import parts
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.parts import Span
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

MERGE_FROM: Final = 32  # small parts from which they are merged into one
SMALL_PART: Final = 256 * 1024  # bytes
WHOLE_FROM: Final = 12  # larger parts from which everything is merged into one


@dataclass(frozen=True)
class PublicKey:
    """The public key of the conflict officers' group, of one epoch."""

    group: UUID
    epoch: int
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedPart:
    """A stored part and its entries."""

    number: int
    epoch: int
    size: int
    entries: list[ConflictEntry] = field(repr=False)


def add_entries(org_id: UUID, public: PublicKey, entries: Sequence[ConflictEntry]) -> None:
    """Write entries as one part, in the caller's transaction, as the last but the index heads."""
    span = Span(org_id, public.group, public.epoch, 0, _new_number())
    sealed = parts.seal_to_group(public.key, span, rows.pack_entries(entries))
    with join_office_transaction(org_id):
        queries.insert_conflict_part(span, sealed)


def open_parts(org_id: UUID, keys: Sequence[GroupKey], numbers: Sequence[int] | None = None) -> list[OpenedPart]:
    """Return all parts that these keys of the group open, or those with these numbers.

    Parts of an epoch that the officer has no key of are left out. Raises IndexDamaged when another one does not open.
    """
    by_epoch = {key.epoch: key for key in keys}
    with join_office_transaction(org_id):
        stored = queries.conflict_parts(org_id, list(by_epoch), numbers)
    return [_open_part(org_id, by_epoch[epoch], number, chunks, sealed) for number, epoch, chunks, sealed in stored]


def _open_part(org_id: UUID, key: GroupKey, number: int, chunks: int, sealed: list[bytes]) -> OpenedPart:
    if len(sealed) != chunks:
        raise IndexDamaged("chunks of a part for the conflict officers are missing")
    span = Span(org_id, key.group, key.epoch, 0, number)
    try:
        body = parts.open_part(key.index_key(), span, sealed, private=key.hpke_private)
        return OpenedPart(number, key.epoch, sum(map(len, sealed)), rows.unpack_entries(body))
    except (OpenFailed, msgspec.MsgspecError) as exc:
        raise IndexDamaged("a part for the conflict officers does not open") from exc


def merge_parts(org_id: UUID, keys: Sequence[GroupKey]) -> int:
    """Merge what is due under the newest of these keys, in a transaction of its own. Return the number of parts merged.

    Everything is merged when a part is of an older epoch or names a destroyed case: nothing of such a case is kept.
    """
    newest = max(keys, key=lambda key: key.epoch)
    with office_transaction(org_id):
        sizes = queries.conflict_part_sizes(org_id, [key.epoch for key in keys])
        small = [number for number, epoch, size in sizes if size < SMALL_PART]
        is_old = any(epoch < newest.epoch for _, epoch, _ in sizes)
        opened = open_parts(org_id, keys, None if is_old else small)
        has_destroyed = any(entry.people is None for part in opened for entry in part.entries)
        if is_old or has_destroyed or len(sizes) - len(small) >= WHOLE_FROM:
            opened = opened if is_old else open_parts(org_id, keys)
        elif len(small) < MERGE_FROM:
            return 0
        if not queries.remove_conflict_parts(org_id, [part.number for part in opened]):
            return 0  # another officer merges
        kept = rows.newest_entries(part.entries for part in opened).values()
        _add_merged(org_id, newest, [entry for entry in kept if entry.people is not None])
    return len(opened)


def _add_merged(org_id: UUID, key: GroupKey, entries: Iterable[ConflictEntry]) -> None:
    listed = list(entries)
    if listed:
        span = Span(org_id, key.group, key.epoch, 0, _new_number())
        queries.insert_conflict_part(span, parts.seal(key.index_key(), span, rows.pack_entries(listed)))


def remove_before(org_id: UUID, epoch: int) -> int:
    """Delete the parts under keys that no officer has any more. Return how many chunks."""
    with office_transaction(org_id):
        return queries.remove_conflict_parts_before(org_id, epoch)


def part_numbers(org_id: UUID) -> frozenset[int]:
    """Return the numbers of all stored parts: another set means that there is something new."""
    with join_office_transaction(org_id):
        return frozenset(number for number, _, _ in queries.conflict_part_sizes(org_id))


def _new_number() -> int:
    return secrets.randbits(63)
