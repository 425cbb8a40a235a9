"""Loading of group indexes: bring this process's copy up to date at the start of a request that needs it."""

import logging
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from caseapp.index import cache, health, queries, sealed_parts
from caseapp.index.errors import IndexDamaged, StaleEpoch
from caseapp.index.group_index import GroupIndex
from caseapp.index.health import NO_PROGRESS, RebuildProgress
from caseapp.index.protocols import GroupKeyHolder
from caseapp.index.queries import GroupHead, Part
from caseapp.index.view import IndexView
from caseapp.vault import queries as vault_queries
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.tenancy import join_office_transaction, office_transaction

TRY_AGAIN_AFTER: Final = 60.0  # seconds for which the parts of a damaged index are not read again
log = logging.getLogger("caseapp.index")


@dataclass(frozen=True)
class LoadedGroup:
    """The readable part of one group's index; `is_whole` says whether that is all of it."""

    group: GroupKey
    index: GroupIndex
    head: GroupHead | None

    @property
    def is_whole(self) -> bool:
        """Return whether the loaded rows are all there, and the newest that this server saw."""
        if self.head is None or self.index.is_partial or self.head.health in health.INCOMPLETE:
            return False
        return self.index.seq >= self.head.newest_seen


class _Gap(Exception):
    """The stored parts do not continue the copy of this process."""


def open_view(keys: GroupKeyHolder, *, zone: str = "UTC") -> IndexView:
    """Return a view of all groups that these keys open. It includes everything committed before this call.

    zone    the office's IANA zone; it determines which day is today
    Raises  StaleEpoch (open the keyring again), IndexDamaged (rebuild)
    """
    view = _view_groups(keys, zone, readable=False)
    if not view.is_whole:
        raise IndexDamaged("an index is being rebuilt, or was put back to an earlier state")
    return view


def open_readable_view(keys: GroupKeyHolder, *, zone: str = "UTC") -> IndexView:
    """Return a view as `open_view`; of a damaged index it contains what opens, and says so.

    A group whose newest key the member was not given yet is empty in it: a colleague who keeps a key back must not
    close the pages of all other groups.
    """
    return _view_groups(keys, zone, readable=True)


def _view_groups(keys: GroupKeyHolder, zone: str, *, readable: bool) -> IndexView:
    with join_office_transaction(keys.org_id):
        loaded = _load_groups(keys, readable=readable, skips_stale=readable)
        unfinished = [entry for entry in loaded if not entry.is_whole]
        rebuild = _sum_progress(keys.org_id, unfinished) if unfinished else None
    cache.trim()
    return IndexView(
        tuple(entry.index for entry in loaded),
        member_id=keys.member_id,
        zone=zone,
        group_ids=tuple(entry.group.group for entry in loaded),
        rebuild=rebuild,
    )


def _load_groups(keys: GroupKeyHolder, *, readable: bool, skips_stale: bool = False) -> list[LoadedGroup]:
    heads = queries.heads_of(keys.org_id, [group.group for group in keys.groups])
    loaded = []
    for group in keys.groups:
        head = heads.get(group.group)
        if head is None and group.kind == SHARE:
            continue  # the share was ended; the remaining key opens nothing
        try:
            index = _load_group(keys, group, head, readable=readable)
        except StaleEpoch:
            if not skips_stale:
                raise
            index = GroupIndex()
            index.is_partial = True
        loaded.append(LoadedGroup(group, index, head))
    return loaded


def _sum_progress(org_id: UUID, unfinished: list[LoadedGroup]) -> RebuildProgress:
    progress = [entry.head.progress if entry.head else NO_PROGRESS for entry in unfinished]
    total = sum(entry.total for entry in progress) or vault_queries.count_files(org_id)
    return RebuildProgress(sum(entry.done for entry in progress), total)


def load_group(keys: GroupKeyHolder, group_id: UUID) -> GroupIndex:
    """Return one group's current index, for iterating over all its cases. Raises StaleEpoch, IndexDamaged."""
    with office_transaction(keys.org_id):
        head = queries.heads_of(keys.org_id, [group_id]).get(group_id)
        group = keys.group(group_id)
        loaded = LoadedGroup(group, _load_group(keys, group, head, readable=False), head)
    if not loaded.is_whole:
        raise IndexDamaged(f"the index of group {group_id} is being rebuilt, or was put back to an earlier state")
    return loaded.index


def load_readable_group(keys: GroupKeyHolder, group_id: UUID) -> GroupIndex:
    """Return what opens of one group's index. Raises StaleEpoch."""
    with join_office_transaction(keys.org_id):
        head = queries.heads_of(keys.org_id, [group_id]).get(group_id)
        return _load_group(keys, keys.group(group_id), head, readable=True)


def load_readable_groups(keys: GroupKeyHolder) -> list[LoadedGroup]:
    """Return what opens of each group's index. Raises StaleEpoch."""
    with join_office_transaction(keys.org_id):
        return _load_groups(keys, readable=True)


def read_stored_rows(keys: GroupKeyHolder, group_id: UUID) -> GroupIndex:
    """Return what opens of a group's stored parts, read anew: memory may have rows that are no longer stored."""
    index = GroupIndex()
    with join_office_transaction(keys.org_id):
        head = queries.heads_of(keys.org_id, [group_id]).get(group_id)
        _load_readable_parts(keys, index, head or GroupHead(group_id, 0, keys.group(group_id).epoch))
    return index


def _load_group(keys: GroupKeyHolder, group: GroupKey, head: GroupHead | None, *, readable: bool) -> GroupIndex:
    if head is not None:
        return _load_current(keys, head, readable=readable)
    if not readable:
        raise IndexDamaged(f"group {group.group} has no index head")
    index = GroupIndex()
    _load_readable_parts(keys, index, GroupHead(group.group, 0, group.epoch))
    return index


def _load_current(keys: GroupKeyHolder, head: GroupHead, *, readable: bool) -> GroupIndex:
    group = _key_at(keys, head)
    if head.uncommitted:
        # This transaction may see its own part, which may never be committed, so it must not enter the shared cache.
        index = GroupIndex()
    else:
        index = cache.get(keys.org_id, group)
        if index.head_seq == head.seq and not index.is_partial:
            return index
    with index.lock:  # one thread loads; the others wait and then use its result
        return _catch_up(keys, group, index, head, readable=readable)


def _catch_up(
    keys: GroupKeyHolder, group: GroupKey, index: GroupIndex, head: GroupHead, *, readable: bool
) -> GroupIndex:
    for last in (False, True):
        if last or index.seq > head.seq:  # the head was read before another thread went on with this index
            head = queries.heads_of(keys.org_id, [group.group])[group.group]
        if head.epoch != group.epoch:
            # Another process gave the group a new key between the two reads of the head.
            return _load_current(keys, head, readable=readable)
        if index.is_partial:
            if readable and index.head_seq == head.seq and time.monotonic() - index.loaded_at < TRY_AGAIN_AFTER:
                return index
            index.reset()
        try:
            _apply_new_parts(keys, group, index, head)
            return index
        except _Gap as gap:
            index.reset()
            if last:
                return _fall_back(keys, index, head, f"group {group.group}: {gap}", readable=readable)
        except IndexDamaged as exc:
            index.reset()
            return _fall_back(keys, index, head, str(exc), readable=readable)
    raise AssertionError("unreachable")


def _fall_back(keys: GroupKeyHolder, index: GroupIndex, head: GroupHead, reason: str, *, readable: bool) -> GroupIndex:
    """Return what opens of a damaged index, or raise IndexDamaged with the reason."""
    if not readable:
        raise IndexDamaged(reason)
    _load_readable_parts(keys, index, head)
    return index


def _load_readable_parts(keys: GroupKeyHolder, index: GroupIndex, head: GroupHead) -> None:
    """Apply every part that opens, in order, to an empty index."""
    failed = 0
    for part in queries.parts_after(keys.org_id, head.group_id, 0):
        try:
            group = keys.group(head.group_id, part.span.epoch)
            index.apply_part(sealed_parts.open_entries(group, part), whole=False, seq=part.span.hi)
        except (IndexDamaged, NoKey):
            failed += 1
    index.seq = max(index.seq, head.seq)
    index.head_seq, index.is_partial, index.loaded_at = head.seq, True, time.monotonic()
    log.error("index.damaged parts=%d", failed)


def _apply_new_parts(keys: GroupKeyHolder, group: GroupKey, index: GroupIndex, head: GroupHead) -> None:
    if index.seq == head.seq:
        index.head_seq = head.seq
        return
    if index.seq > head.seq:
        raise _Gap("the head went back")
    parts = queries.parts_after(keys.org_id, group.group, index.seq)
    _check_continuity(parts, index.seq, head.seq, group.epoch)
    # Open all parts before applying any, so that a part that does not open leaves no partial state.
    opened = []
    while parts:
        part = parts.pop(0)  # of a large group, so that the sealed bytes of all parts are not kept as well
        opened.append((part.span, sealed_parts.open_entries(group, part)))
    while opened:
        span, entries = opened.pop(0)
        index.apply_part(entries, whole=span.lo == 0, seq=span.hi)
    index.head_seq = head.seq


def _check_continuity(parts: list[Part], mine: int, until: int, epoch: int) -> None:
    """Raise _Gap unless the parts lead from save `mine` to at least save `until` without a gap."""
    reached = None
    for part in parts:
        if part.span.epoch != epoch:
            raise _Gap(f"part {part.span.hi} belongs to another epoch")
        if part.span.lo != reached and (reached is not None or part.span.lo > mine):
            raise _Gap(f"part {part.span.hi} does not join {reached or mine}")
        if len(part.sealed) != part.chunks:
            raise _Gap(f"part {part.span.hi} is cut")
        reached = part.span.hi
    if (mine if reached is None else reached) < until:
        raise _Gap(f"nothing after save {reached or mine}")


def _key_at(keys: GroupKeyHolder, head: GroupHead) -> GroupKey:
    try:
        return keys.group(head.group_id, head.epoch)
    except NoKey as exc:
        raise StaleEpoch(f"group {head.group_id} is at epoch {head.epoch}") from exc
