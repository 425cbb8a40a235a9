"""Keys of a case kept in step with its access: ended shares removed, keys renewed after a member left a group."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts import queries
from caseapp.accounts.directory import grants, groups, members
from caseapp.accounts.keys.staff import Keys
from caseapp.index import store
from caseapp.index.errors import StaleEpoch
from caseapp.lib.errors import Refused
from caseapp.vault import case_key_access
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access, Share
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office_transaction

REKEY = gettext_noop(
    "Somebody left this case's team. Ask a colleague of the team to open Caseapp once, then save again."
)


def refresh_access(keys: Keys, draft: Draft) -> tuple[UUID, ...]:
    """Update the case's access and renew its key when a former member may know it. Return the ended shares.

    Ended shares are removed; a share with a group that must have a newer key gets a new key too; the case gets a new
    key after either, and after a newer key of its home group. Raises StaleEpoch when the home group needs a new key
    first, Refused when only members of the home group can make it.
    """
    entry = draft.file.get_only(Access)
    access = entry.record
    due = _lock_required_epochs(keys, access)
    try:
        home = keys.group(access.home_group_id)
    except NoKey:
        # A member with a share only cannot wrap a new key for the home group.
        if due.get(access.home_group_id, 0) > access.public_epoch:
            raise Refused("rekey", REKEY) from None
        return ()
    if due.get(home.group, 0) > home.epoch:
        raise StaleEpoch(f"group {home.group} must have another key first")
    shares = _active_shares(keys, access, due)
    updated = replace(access, shares=shares)
    if home.epoch != access.public_epoch:
        public = hybrid.derive_public_key(home.hpke_private) if home.hpke_private else b""
        updated = replace(updated, public=public, public_epoch=home.epoch)
    if updated != access:
        draft.change(entry.id, updated)
    if shares != access.shares or 0 < access.public_epoch < home.epoch:
        case_key_access.rotate_key(draft, (home, *(share.key for share in shares)))
    kept = {share.key.group for share in shares}
    return tuple(share.key.group for share in access.shares if share.key.group not in kept)


def home_epoch(file: SealedFile) -> int:
    """Return the epoch of the home group under which the case has its key."""
    return file.get_only(Access).record.public_epoch


def _lock_required_epochs(keys: Keys, access: Access) -> dict[UUID, int]:
    """Return the epoch each group concerned must have.

    Locks the group rows, so that no member is removed from them until this transaction ends.
    """
    concerned = {access.home_group_id, *(share.group for share in access.shares if share.group is not None)}
    return queries.lock_required_epochs(keys.org_id, concerned)


def _active_shares(keys: Keys, access: Access, due: Mapping[UUID, int]) -> tuple[Share, ...]:
    """Return the shares that are still valid, each with the key it needs; shares with former members are left out."""
    lasting = [
        share for share in access.shares if share.key.until is None or share.key.until >= keys.earliest_share_end
    ]
    if any(share.member for share in lasting):
        active_ids = {person.member_id for person in members.read_directory(keys).active_people}
        lasting = [share for share in lasting if share.member is None or share.member in active_ids]
    return tuple(_renew_share(keys, share, due) for share in lasting)


def _renew_share(keys: Keys, share: Share, due: Mapping[UUID, int]) -> Share:
    """Return the share with a new key when its group must have a newer epoch, else unchanged."""
    needed = due.get(share.group, 0) if share.group else 0
    if needed <= share.group_epoch or share.group is None:
        return share
    key = replace(share.key, group=uuid4(), key=primitives.new_key())
    store.create(keys.org_id, key.group, key.epoch)
    group_id = share.group
    # After the commit, because a grant names a member and must not be written in the case's transaction.
    transaction.on_commit(lambda: _give_to_group(keys, group_id, key), robust=True)
    return replace(share, key=key, group_epoch=needed)


def _give_to_group(keys: Keys, group_id: UUID, key: GroupKey) -> None:
    """Grant a share's key to every active member of a group, in a transaction of its own."""
    with office_transaction(keys.org_id):
        people = members.read_directory(keys)
        inside = groups.read_descriptors(keys, people)[group_id].members
        for person in people.active_people:
            if person.member_id in inside:
                grants.give_keys(keys, person, (key,))
