"""Who holds a file's key: letting a group in, taking it out, a new key, a new epoch. All on a draft of the locked file.

A group has the same slot in the wrap set of every key version; `Access` inside the file says which. Nothing here makes
an older record unreadable to who could read it: what is written from then on is under the new key.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec
from django.db import connection

from caseapp.vault import store
from caseapp.vault.core import primitives, wraps
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.head import Access
from caseapp.vault.store import Draft

Grant = tuple[UUID, int, int]  # group, epoch, slot


def grants(draft: Draft) -> tuple[Grant, ...]:
    """The groups that hold the file's key."""
    return draft.file.one(Access).record.grants


def let_in(draft: Draft, group: GroupKey) -> None:
    """Wrap every version of the file's key for a group; for one that holds it, anew under this epoch. Idempotent."""
    held = {grant[0]: grant for grant in grants(draft)}
    slot = held[group.group][2] if group.group in held else _free_slot(held.values())
    _each_version(draft, lambda kver, blob: _wrapped(draft, kver, blob, slot, group))
    _say(draft, [*(g for g in held.values() if g[0] != group.group), (group.group, group.epoch, slot)])


def take_out(draft: Draft, group_id: UUID) -> None:
    """Clear a group's slots. What it may have copied is gone: give the file a new key as well (`renew`)."""
    held = {grant[0]: grant for grant in grants(draft)}
    if group_id not in held:
        return
    slot = held.pop(group_id)[2]
    _each_version(draft, lambda _, blob: wraps.clear_slot(blob, slot) if slot < wraps.slot_count(blob) else blob)
    _say(draft, held.values())


def renew(draft: Draft, groups: Iterable[GroupKey]) -> bytes:
    """A new key for the file, wrapped for these groups alone; the draft is written under it. Answers the key.

    Groups that held the file and are not among these are taken out.
    """
    holders = {group.group: group for group in groups}
    if not holders:
        raise ValueError("a key that nobody holds")
    for group_id, _, _ in grants(draft):
        if group_id not in holders:
            take_out(draft, group_id)
    file = draft.file
    file.keys = {**file.keys, file.kver + 1: primitives.new_key()}
    file.kver += 1
    file.__dict__.pop("cipher", None)  # it seals under the newest key
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_case (org_id, case_id, kver, wraps) VALUES (%s, %s, %s, %s)",
            [file.org_id, file.id, file.kver, wraps.new_wrapset()],
        )
    for group in holders.values():
        let_in(draft, group)
    file.group = next(iter(holders.values()))
    entry = file.one(Access)
    # Who held the old key could tell the reminders of this file from others by their tokens.
    draft.change(entry.id, msgspec.structs.replace(entry.record, token_key=primitives.new_key()))
    return file.key


def is_behind(draft: Draft, newest: Iterable[GroupKey]) -> bool:
    """Whether the key is wrapped under an older epoch of one of these groups."""
    epochs = {group.group: group.epoch for group in newest}
    return any(epoch < epochs.get(group_id, 0) for group_id, epoch, _ in grants(draft))


def _free_slot(held: Iterable[Grant]) -> int:
    taken = {slot for _, _, slot in held}
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


def _wrapped(draft: Draft, kver: int, blob: bytes, slot: int, group: GroupKey) -> bytes:
    file = draft.file
    while slot >= wraps.slot_count(blob):
        blob = wraps.grow(blob)
    return wraps.set_slot(
        blob,
        slot,
        group.wrap_key(file.half),
        file.keys[kver],
        object_id=file.id.bytes,
        ctx=store.wrap_context(file.org_id, file.id, kver),
    )


def _each_version(draft: Draft, change: Callable[[int, bytes], bytes]) -> None:
    file = draft.file
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kver, wraps FROM vault_case WHERE org_id = %s AND case_id = %s FOR UPDATE", [file.org_id, file.id]
        )
        for kver, blob in cursor.fetchall():
            if kver not in file.keys:
                continue  # a version this person was never given is not theirs to give
            cursor.execute(
                "UPDATE vault_case SET wraps = %s WHERE org_id = %s AND case_id = %s AND kver = %s",
                [change(kver, bytes(blob)), file.org_id, file.id, kver],
            )


def _say(draft: Draft, held: Iterable[Grant]) -> None:
    entry = draft.file.one(Access)
    told = tuple(sorted(held, key=lambda grant: grant[2]))
    draft.change(entry.id, msgspec.structs.replace(entry.record, grants=told))
