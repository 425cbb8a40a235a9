"""Group access to a file's key: grant, revoke, rotate, renew for an epoch. All functions take a draft of a locked file.

A group has the same slot in the wrap set of every key version; the file's `Access` record says which. None of these
functions makes an older record unreadable to a former reader: only what is written later is under the new key.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from caseapp.vault import queries, store
from caseapp.vault.core import primitives, wraps
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.head import Access
from caseapp.vault.store import Draft

Grant = tuple[UUID, int, int]  # group, epoch, slot


def grants_of(draft: Draft) -> tuple[Grant, ...]:
    """Return the grants of the file's key, one for each group."""
    return draft.file.get_only(Access).record.grants


def grant_group(draft: Draft, group: GroupKey) -> None:
    """Wrap every version of the file's key for a group, again if the group already has it (new epoch). Idempotent."""
    held = {grant[0]: grant for grant in grants_of(draft)}
    slot = held[group.group][2] if group.group in held else _find_free_slot(held.values())
    _rewrite_wraps(draft, lambda kver, blob: _wrap_key_in_slot(draft, kver, blob, slot, group))
    _record_grants(draft, [*(g for g in held.values() if g[0] != group.group), (group.group, group.epoch, slot)])


def revoke_group(draft: Draft, group_id: UUID) -> None:
    """Clear a group's slots. Its members may have copied the key, so give the file a new key as well (`renew`)."""
    held = {grant[0]: grant for grant in grants_of(draft)}
    if group_id not in held:
        return
    slot = held.pop(group_id)[2]
    _rewrite_wraps(draft, lambda _, blob: wraps.clear_slot(blob, slot) if slot < wraps.slot_count(blob) else blob)
    _record_grants(draft, held.values())


def rotate_key(draft: Draft, groups: Iterable[GroupKey]) -> bytes:
    """Give the file a new key, wrapped for these groups only, and return it. The draft is written under the new key.

    Groups that held the file's key and are not in `groups` lose access. Raises ValueError without any group.
    """
    holders = {group.group: group for group in groups}
    if not holders:
        raise ValueError("a key that nobody holds")
    for group_id, _, _ in grants_of(draft):
        if group_id not in holders:
            revoke_group(draft, group_id)
    file = draft.file
    file.keys = {**file.keys, file.kver + 1: primitives.new_key()}
    file.kver += 1
    file.__dict__.pop("cipher", None)  # the cached cipher uses the old key
    queries.insert_key_version(file.org_id, file.id, file.kver, wraps.new_wrapset())
    for group in holders.values():
        grant_group(draft, group)
    file.group = next(iter(holders.values()))
    entry = file.get_only(Access)
    # With the old token key, a former reader could recognise the reminders of this file by their tokens.
    draft.change(entry.id, msgspec.structs.replace(entry.record, token_key=primitives.new_key()))
    return file.key


def _find_free_slot(held: Iterable[Grant]) -> int:
    taken = {slot for _, _, slot in held}
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


def _wrap_key_in_slot(draft: Draft, kver: int, blob: bytes, slot: int, group: GroupKey) -> bytes:
    file = draft.file
    while slot >= wraps.slot_count(blob):
        blob = wraps.add_slots(blob)
    return wraps.set_slot(
        blob,
        slot,
        group.wrap_key(file.half),
        file.keys[kver],
        object_id=file.id.bytes,
        ctx=store.wrap_context(file.org_id, file.id, kver),
    )


def _rewrite_wraps(draft: Draft, change: Callable[[int, bytes], bytes]) -> None:
    file = draft.file
    for kver, blob in queries.lock_key_versions(file.org_id, file.id):
        if kver in file.keys:  # else this member never had this key version, so they cannot pass it on
            queries.update_wraps(file.org_id, file.id, kver, change(kver, blob))


def _record_grants(draft: Draft, held: Iterable[Grant]) -> None:
    entry = draft.file.get_only(Access)
    by_slot = tuple(sorted(held, key=lambda grant: grant[2]))
    draft.change(entry.id, msgspec.structs.replace(entry.record, grants=by_slot))
