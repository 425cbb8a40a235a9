"""Writes of a group's index: one part for each save, as the last statement of the case's transaction."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from caseapp import rules
from caseapp.index import health, merge, queries, rows, sealed_parts
from caseapp.index.errors import IndexDamaged, StaleEpoch
from caseapp.index.protocols import GroupKeyHolder
from caseapp.index.queries import GroupHead
from caseapp.index.rows import CaseRow
from caseapp.lib import clock
from caseapp.vault import queries as vault_queries
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.parts import Span
from caseapp.vault.errors import NoKey
from caseapp.vault.tenancy import join_office_transaction, office_transaction


def create(org_id: UUID, group_id: UUID, epoch: int) -> None:
    """Create an empty index for a new group. Raises IntegrityError if the group has one."""
    with join_office_transaction(org_id):
        queries.create_head(org_id, group_id, epoch, rules.pack_version())


@dataclass(frozen=True)
class GroupPublicKey:
    """A group's HPKE public key and its epoch, for writers who do not have the group's own key."""

    epoch: int
    key: bytes = field(repr=False)


def drop(org_id: UUID, group_id: UUID) -> None:
    """Delete the index of an ended group (a share that was ended), with its head."""
    with office_transaction(org_id):
        queries.remove_group(org_id, group_id)


def save(
    keys: GroupKeyHolder,
    changes: Mapping[UUID, Sequence[tuple[UUID, CaseRow | None]]],
    *,
    public: Mapping[UUID, GroupPublicKey] = MappingProxyType({}),
) -> None:
    """Write the changed rows, one part for each group. A row of None removes the case from that group's index.

    A group whose key the caller does not have is written with its `public` key. Raises NoKey when there is neither.

    Call it as the last statement of the case's transaction: the row locks of the heads are taken in order of group id
    and held until commit. Raises StaleEpoch when a group has a newer key than the caller; then roll back the
    transaction and start it again with the new key.
    """
    with join_office_transaction(keys.org_id):
        for group_id in sorted(changes):
            if changes[group_id]:
                _save_group(keys, group_id, changes[group_id], public.get(group_id))


def _save_group(
    keys: GroupKeyHolder,
    group_id: UUID,
    changed: Sequence[tuple[UUID, CaseRow | None]],
    public: GroupPublicKey | None = None,
) -> None:
    entries = [(case_id.bytes, rows.encode(row) if row else None) for case_id, row in changed]
    try:
        group = keys.group(group_id)
    except NoKey:
        if public is None:
            raise
        _save_sealed_to_group(keys, group_id, entries, public)
        return
    head = queries.take_next_seq(keys.org_id, group_id)
    if head.epoch > group.epoch:
        raise StaleEpoch(f"group {group_id} is at epoch {head.epoch}")
    if head.epoch < group.epoch:
        # First save with a new key: rewrite all parts, because nothing may be written under the old key any more.
        _reseal_all(keys, group, head, until=head.seq - 1)
    sealed_parts.add_part(keys.org_id, group, head.seq - 1, head.seq, entries)
    if head.seq % merge.EVERY == 0:
        # robust: the save is already committed; a failed merge leaves the old parts, and the next merge handles them.
        # A lambda, not a partial: Django needs `__qualname__` to log a failure.
        transaction.on_commit(lambda: merge.merge_if_due(keys, group_id, head.seq), robust=True)


def _save_sealed_to_group(
    keys: GroupKeyHolder, group_id: UUID, entries: Sequence[sealed_parts.Entry], public: GroupPublicKey
) -> None:
    head = queries.take_next_seq(keys.org_id, group_id)
    if head.epoch != public.epoch:
        raise StaleEpoch(f"group {group_id} is at epoch {head.epoch}, its public key is of {public.epoch}")
    sealed_parts.add_part_sealed_to_group(
        Span(keys.org_id, group_id, head.epoch, head.seq - 1, head.seq), public.key, entries
    )


def change_epoch(keys: GroupKeyHolder, group_id: UUID) -> None:
    """Rewrite the whole index under the group's newest key; `keys` must also have the old key. Idempotent.

    Removed cases leave no data behind, also when the key is the same (a case whose access was restricted).
    """
    with office_transaction(keys.org_id):
        group = keys.group(group_id)
        head = queries.take_next_seq(keys.org_id, group_id)
        if head.epoch > group.epoch:
            raise StaleEpoch(f"group {group_id} is at epoch {head.epoch}")
        _reseal_all(keys, group, head, until=head.seq)


def _reseal_all(keys: GroupKeyHolder, group: GroupKey, head: GroupHead, *, until: int) -> None:
    """Replace all parts by one base (0, until] under the key of `group`. The caller has taken the head's save number.

    Of an index that is damaged, or was put back to an earlier state, the base has what opens, and the index is marked
    as damaged: its rebuild goes on from there.
    """
    try:
        old = keys.group(group.group, head.epoch)
    except NoKey as exc:
        raise StaleEpoch(f"group {group.group} is still at epoch {head.epoch}") from exc
    queries.acquire_merge_lock(keys.org_id, group.group)
    parts = queries.parts_after(keys.org_id, group.group, 0)
    opened, is_sound = [], queries.is_continuous(parts, head.seq - 1)
    for part in parts:
        try:
            opened.append(sealed_parts.open_entries(old, part))
        except IndexDamaged:
            is_sound = False
    _replace_all(keys.org_id, group, until, merge.newest_entries(opened, whole=True))
    if not is_sound:
        mark_damaged(keys.org_id, group.group, clock.now().date())


def mark_damaged(org_id: UUID, group_id: UUID, on: dt.date) -> None:
    """Store that a group's index is damaged, unless a rebuild has begun."""
    state = queries.health_of(org_id, [group_id]).get(group_id)
    if state is None or state.state not in health.INCOMPLETE:
        queries.set_health(org_id, group_id, health.DAMAGED, on)


def request_rebuild(org_id: UUID, on: dt.date) -> int:
    """Request a rebuild of every index of the office, of the groups' next members. Return the number of groups.

    A rebuild that has begun goes on.
    """
    with office_transaction(org_id):
        groups = queries.groups_with_head(org_id)
        states = queries.health_of(org_id)
        for group_id in groups:
            state = states.get(group_id)
            if state is None or state.state not in health.INCOMPLETE:
                queries.set_health(org_id, group_id, health.REQUESTED, on)
    return len(groups)


def rebuild(keys: GroupKeyHolder, group_id: UUID, cases: Iterable[tuple[UUID, CaseRow]]) -> None:
    """Write a new base from these rows, whatever state the old parts are in.

    `cases` is read after the group's head is locked. Pass a generator that reads them, so that no save is missed.
    """
    with office_transaction(keys.org_id):
        group = keys.group(group_id)
        head = queries.take_next_seq(keys.org_id, group_id)
        if head.epoch > group.epoch:
            raise StaleEpoch(f"group {group_id} is at epoch {head.epoch}")
        queries.acquire_merge_lock(keys.org_id, group_id)
        _replace_all(keys.org_id, group, head.seq, [(case_id.bytes, rows.encode(row)) for case_id, row in cases])


def save_rebuilt(keys: GroupKeyHolder, group_id: UUID, read: Mapping[UUID, tuple[int, CaseRow]]) -> None:
    """Write rows that were rebuilt from case files, each with the head version that was read, as one part.

    A case that was saved since is left out: that save has written its own row. Raises StaleEpoch.
    """
    with office_transaction(keys.org_id):
        group = keys.group(group_id)
        head = queries.take_next_seq(keys.org_id, group_id)  # from here on no save of the group commits
        if head.epoch > group.epoch:
            raise StaleEpoch(f"group {group_id} is at epoch {head.epoch}")
        if head.epoch < group.epoch:
            _reseal_all(keys, group, head, until=head.seq - 1)
        current = vault_queries.head_versions(keys.org_id, list(read))
        entries = [
            (case_id.bytes, rows.encode(row))
            for case_id, (version, row) in read.items()
            if current.get(case_id) == version
        ]
        sealed_parts.add_part(keys.org_id, group, head.seq - 1, head.seq, entries)


def saved_numbers(keys: GroupKeyHolder) -> dict[UUID, int]:
    """Return the number of the last save of each of the caller's groups, in the caller's transaction."""
    heads = queries.heads_of(keys.org_id, [group.group for group in keys.groups])
    return {group_id: head.seq for group_id, head in heads.items()}


def restore_head(org_id: UUID, group: GroupKey) -> None:
    """Create the head of an index that has lost it, as due for recomputing with the law; an existing one is kept."""
    with office_transaction(org_id):
        if group.group not in queries.heads_of(org_id, [group.group]):
            queries.create_head(org_id, group.group, group.epoch, "")


def cases_without_file(keys: GroupKeyHolder, case_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the listed cases that have no sealed file any more."""
    with office_transaction(keys.org_id):
        stored = vault_queries.head_versions(keys.org_id, case_ids)
    return [case_id for case_id in case_ids if case_id not in stored]


def check_part(keys: GroupKeyHolder, group_id: UUID, number: int) -> bool:
    """Return whether one stored part opens and all parts join: part `number` of them, counted around."""
    with office_transaction(keys.org_id):
        head = queries.heads_of(keys.org_id, [group_id]).get(group_id)
        sizes = queries.part_sizes(keys.org_id, group_id)
        if head is None or (sizes[-1].hi if sizes else 0) < head.seq:
            return False
        if not sizes:
            return True
        chosen = sizes[number % len(sizes)]
        parts = queries.parts_after(keys.org_id, group_id, chosen.hi - 1, chosen.hi)
        try:
            for part in parts:
                sealed_parts.open_entries(keys.group(group_id, part.span.epoch), part)
        except (IndexDamaged, NoKey):
            return False
        return all(left.hi == right.lo for left, right in pairwise(sizes)) and sizes[0].lo == 0


def _replace_all(org_id: UUID, group: GroupKey, until: int, entries: list[sealed_parts.Entry]) -> None:
    queries.remove_parts(org_id, group.group)
    if until:
        sealed_parts.add_part(org_id, group, 0, until, entries)
    queries.set_epoch(org_id, group.group, group.epoch)
