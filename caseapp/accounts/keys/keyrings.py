"""Changes to a member's keyring that lose nothing when two sessions write at the same time."""

from collections.abc import Callable
from uuid import UUID

from caseapp.accounts.errors import SessionGone
from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Member
from caseapp.lib.errors import Unavailable
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction

MAX_TRIES = 5


def change(keys: Keys, edit: Callable[[Keyring], Keyring]) -> None:
    """Save an edited keyring and put it into `keys`. `edit` receives the stored keyring and may run again.

    Written only over the version that was read, so a parallel session's change is never undone. Raises SessionGone when
    the member was removed, Unavailable when other sessions keep changing it.
    """
    with office_transaction(keys.org_id):
        for _ in range(MAX_TRIES):
            row = Member.objects.filter(org_id=keys.org_id, id=keys.member_id, is_active=True).first()
            if row is None:
                raise SessionGone("member is gone")
            stored = Bundle.parse(bytes(row.bundle), row.id).open_keyring(keys.bundle_key)
            edited = edit(stored)
            if edited == stored or _replace_bundle(row, keys.bundle_key, edited):
                keys.replace_keyring(edited)
                return
    raise Unavailable(f"keyring of member {keys.member_id} keeps changing")


def _replace_bundle(row: Member, bundle_key: bytes, keyring: Keyring) -> bool:
    sealed = bundles.with_keyring(bytes(row.bundle), row.id, bundle_key, keyring)
    rows = Member.objects.filter(org_id=row.org_id, id=row.id, bundle_version=row.bundle_version)
    return rows.update(bundle=sealed, bundle_version=row.bundle_version + 1) == 1


def merge_groups(keyring: Keyring, groups: tuple[GroupKey, ...]) -> tuple[GroupKey, ...]:
    """Return the keyring's group keys with `groups` added. A key that is held for a group and epoch is never replaced.

    Otherwise a person who could insert one grant would choose the key under which the member writes from then on.
    """
    merged: dict[tuple[UUID, int], GroupKey] = {(group.group, group.epoch): group for group in keyring.groups}
    for group in groups:
        merged.setdefault((group.group, group.epoch), group)
    return tuple(merged.values())
