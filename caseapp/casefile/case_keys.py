"""How every change of a case is made: lock, change records, plan reminders, write the index, commit as one."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import connection, transaction
from msgspec.structs import replace

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
from caseapp.vault.tenancy import office

REKEY = "Somebody left this case's team. Ask a colleague of the team to open Caseapp once, then save again."


def tend(keys: Keys, draft: Draft) -> tuple[UUID, ...]:
    """Keep the list of who holds the case true, and its key one that nobody who left ever held.

    Shares that ended go; a share with a group that has a newer key gets a newer key too; a new key for the case follows
    from either, and from a newer key of its home group. Answers the shares that are no more. Raises StaleEpoch when a
    key is due first, Refused when only colleagues of the case's group can make it.
    """
    entry = draft.file.one(Access)
    access = entry.record
    due = _locked_epochs(keys, access)
    try:
        home = keys.group(access.home)
    except NoKey:
        # A colleague it is shared with cannot wrap a new key for the home group.
        if due.get(access.home, 0) > access.public_epoch:
            raise Refused("rekey", REKEY) from None
        return ()
    if due.get(home.group, 0) > home.epoch:
        raise StaleEpoch(f"group {home.group} must have another key first")
    shares = _lasting(keys, access, due)
    told = replace(access, shares=shares)
    if home.epoch != access.public_epoch:
        public = hybrid.public_of(home.hpke_private) if home.hpke_private else b""
        told = replace(told, public=public, public_epoch=home.epoch)
    if told != access:
        draft.change(entry.id, told)
    if shares != access.shares or 0 < access.public_epoch < home.epoch:
        case_key_access.renew(draft, (home, *(share.key for share in shares)))
    kept = {share.key.group for share in shares}
    return tuple(share.key.group for share in access.shares if share.key.group not in kept)


def home_epoch(file: SealedFile) -> int:
    """The epoch of the home group under which the case has its key."""
    return file.one(Access).record.public_epoch


def _locked_epochs(keys: Keys, access: Access) -> dict[UUID, int]:
    """The epoch that each group concerned must have; nobody is removed from them until this transaction ends."""
    concerned = {access.home, *(share.group for share in access.shares if share.group is not None)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT group_id, needs_epoch FROM accounts_group WHERE org_id = %s AND group_id = ANY(%s)"
            " ORDER BY group_id FOR SHARE",
            [keys.org_id, list(concerned)],
        )
        return dict(cursor.fetchall())


def _lasting(keys: Keys, access: Access, due: Mapping[UUID, int]) -> tuple[Share, ...]:
    lasting = [share for share in access.shares if share.key.until is None or share.key.until >= keys.share_day]
    if any(share.member for share in lasting):
        here = {person.member_id for person in members.read(keys).active}
        lasting = [share for share in lasting if share.member is None or share.member in here]
    return tuple(_renewed(keys, share, due) for share in lasting)


def _renewed(keys: Keys, share: Share, due: Mapping[UUID, int]) -> Share:
    needed = due.get(share.group, 0) if share.group else 0
    if needed <= share.group_epoch or share.group is None:
        return share
    key = replace(share.key, group=uuid4(), key=primitives.new_key())
    store.create(keys.org_id, key.group, key.epoch)
    group_id = share.group
    # Apart from the case's transaction, since a grant names a member.
    transaction.on_commit(lambda: _give_to_group(keys, group_id, key), robust=True)
    return replace(share, key=key, group_epoch=needed)


def _give_to_group(keys: Keys, group_id: UUID, key: GroupKey) -> None:
    with office(keys.org_id):
        people = members.read(keys)
        inside = groups.known(keys, people)[group_id].members
        for person in people.active:
            if person.member_id in inside:
                grants.give(keys, person, (key,))
