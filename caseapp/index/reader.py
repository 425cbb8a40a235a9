"""Loading of group indexes: bring this process's copy up to date at the start of a request that needs it."""

from uuid import UUID

from caseapp.index import cache, queries, sealed_parts
from caseapp.index.errors import IndexDamaged, StaleEpoch
from caseapp.index.group_index import GroupIndex
from caseapp.index.protocols import GroupKeyHolder
from caseapp.index.queries import GroupHead, Part
from caseapp.index.view import IndexView
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.tenancy import office_transaction


class _Gap(Exception):
    """The stored parts do not continue the copy of this process."""


def open_view(keys: GroupKeyHolder, *, zone: str = "UTC") -> IndexView:
    """Return a view of all groups that these keys open. It includes everything committed before this call.

    zone    the office's IANA zone; it determines which day is today
    Raises  StaleEpoch (open the keyring again), IndexDamaged (rebuild)
    """
    wanted = keys.groups
    with office_transaction(keys.org_id):
        heads = queries.heads_of(keys.org_id, [group.group for group in wanted])
        held = []
        for group in wanted:
            head = heads.get(group.group)
            if head is None and group.kind == SHARE:
                continue  # the share was ended; the remaining key opens nothing
            if head is None:
                raise IndexDamaged(f"group {group.group} has no index head")
            held.append(_load_current(keys, head))
    cache.trim()
    return IndexView(tuple(held), member_id=keys.member_id, zone=zone)


def load_group(keys: GroupKeyHolder, group_id: UUID) -> GroupIndex:
    """Return one group's current index, for iterating over all its cases. Raises StaleEpoch, IndexDamaged."""
    with office_transaction(keys.org_id):
        head = queries.heads_of(keys.org_id, [group_id]).get(group_id)
        if head is None:
            raise IndexDamaged(f"group {group_id} has no index head")
        return _load_current(keys, head)


def _load_current(keys: GroupKeyHolder, head: GroupHead) -> GroupIndex:
    group = _key_at(keys, head)
    if head.uncommitted:
        # This transaction may see its own part, which may never be committed, so it must not enter the shared cache.
        index = GroupIndex()
    else:
        index = cache.get(keys.org_id, group)
        if index.seq == head.seq:
            return index
    with index.lock:  # one thread loads; the others wait and then use its result
        return _catch_up(keys, group, index)


def _catch_up(keys: GroupKeyHolder, group: GroupKey, index: GroupIndex) -> GroupIndex:
    for last in (False, True):
        head = queries.heads_of(keys.org_id, [group.group])[group.group]
        if head.epoch != group.epoch:
            # Another process gave the group a new key between the two reads of the head.
            return _load_current(keys, head)
        try:
            _apply_new_parts(keys, group, index, head)
            return index
        except _Gap as gap:
            index.reset()
            if last:
                raise IndexDamaged(f"group {group.group}: {gap}") from None
        except IndexDamaged:
            index.reset()
            raise
    raise AssertionError("unreachable")


def _apply_new_parts(keys: GroupKeyHolder, group: GroupKey, index: GroupIndex, head: GroupHead) -> None:
    if index.seq == head.seq:
        return
    if index.seq > head.seq:
        raise _Gap("the head went back")
    parts = queries.parts_after(keys.org_id, group.group, index.seq)
    _check_continuity(parts, index.seq, head.seq, group.epoch)
    # Open all parts before applying any, so that a part that does not open leaves no partial state.
    opened = [(part.span, sealed_parts.open_entries(group, part)) for part in parts]
    for span, entries in opened:
        index.apply_part(entries, whole=span.lo == 0, seq=span.hi)


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
