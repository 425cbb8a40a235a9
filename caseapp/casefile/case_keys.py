"""Keys of a case kept in step with its access: ended shares removed, keys renewed after a member left a group.

Everyone with a case's key can write its access list, and someone who left keeps it until the case gets another.
So nothing is decided by what the list says of itself: whether the key is new enough, its wraps say; who is in the home
group, its chain says; and the shares count as a member of the home group signed them (`access_statement`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, grants, members
from caseapp.accounts.directory import groups as team
from caseapp.accounts.directory.chains import authority, chain, group_chains
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.chains.chain import ChainState
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys.findings import CASE_SHARES
from caseapp.accounts.keys.staff import Keys
from caseapp.index import store
from caseapp.index.errors import StaleEpoch
from caseapp.lib.errors import Refused
from caseapp.vault import case_key_access
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access, Share, access_statement
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office_transaction

REKEY = gettext_noop(
    "A member left this case's team. Ask a colleague of the team to open Caseapp once, then save again."
)


@dataclass(frozen=True)
class _Groups:
    """The groups of a case as their chains say, with the epoch that each must reach, and the directory as just read."""

    people: Directory
    states: Mapping[UUID, tuple[ChainState, int]]

    def state_of(self, group_id: UUID) -> ChainState:
        """Return a group's state. Raises OpenFailed without a row: then nothing says who is in it."""
        if group_id not in self.states:
            raise NotEntitled("no chain", f"group {group_id} has no row")
        return self.states[group_id][0]

    def needed_epoch(self, group_id: UUID) -> int:
        """Return the epoch under which the group may write: a newer one than it has when someone left it."""
        state, needed = self.state_of(group_id), self.states[group_id][1]
        return max(needed, state.epoch + 1 if chain.departed_holders(state, self.people) else state.epoch)


GroupCache = dict[frozenset[UUID], _Groups]


def refresh_access(keys: Keys, draft: Draft, known: GroupCache | None = None) -> tuple[UUID, ...]:
    """Update the case's access and renew its key when a former member may know it. Return the ended shares.

    Ended shares are removed, and shares that no member of the home group signed; the others get new keys when a former
    member may know them. Raises StaleEpoch when the home group needs a new key first, Refused when only members of the
    home group can make it, OpenFailed when the chain of a group does not count.

    known  the groups that this transaction has locked already, for a job that saves many cases in one
    """
    entry = draft.file.get_only(Access)
    access = entry.record
    seen = draft.before[entry.id].record if entry.id in draft.before else access
    assert isinstance(seen, Access)
    concerned = {access.home_group_id, seen.home_group_id}
    for share in (*access.shares, *seen.shares):
        concerned |= {share.key.group, share.group or share.key.group}
    groups = _lock_groups(keys, frozenset(concerned), known)
    try:
        home = keys.group(access.home_group_id)
    except NoKey:
        _require_current_share(keys, draft.file, access, groups)
        return ()
    _require_newest(home, groups)
    return _refresh_as_member(keys, draft, home, seen, groups)


def _lock_groups(keys: Keys, concerned: frozenset[UUID], known: GroupCache | None) -> _Groups:
    groups = known.get(concerned) if known is not None else None
    if groups is None:
        people = members.read_directory(keys)
        groups = _Groups(people, group_chains.lock_states(keys, people, set(concerned)))
        if known is not None:
            known[concerned] = groups
    return groups


def _require_newest(home: GroupKey, groups: _Groups) -> None:
    """Raise StaleEpoch unless this is the newest key of the home group, OpenFailed if it is not the chain's."""
    state = groups.state_of(home.group)
    if home.epoch != groups.needed_epoch(home.group):
        raise StaleEpoch(f"group {home.group} must have another key first")
    if not state.fits(home):
        raise NotEntitled("key", f"the key held of group {home.group} is not the one that its chain names")


def _refresh_as_member(keys: Keys, draft: Draft, home: GroupKey, seen: Access, groups: _Groups) -> tuple[UUID, ...]:
    file, access = draft.file, draft.file.get_only(Access).record
    is_new, has_moved = not file.read_wraps, access.home_group_id != seen.home_group_id
    is_stale = not is_new and not has_moved and not file.was_wrapped_for(home)
    is_proven = is_new or has_moved or _is_proven(file, seen, groups, is_stale=is_stale)
    wanted = access.shares if is_proven else tuple(share for share in access.shares if share not in seen.shares)
    has_former_members = bool(groups.state_of(home.group).past_holders - groups.people.active_ids)
    shares = _active_shares(keys, wanted, groups, renew=is_stale and has_former_members)
    public = access.public if home.epoch == access.public_epoch else hybrid.derive_public_key(home.hpke_private)
    updated = replace(access, shares=shares, public=public, public_epoch=home.epoch)
    if updated != access:
        draft.change(draft.file.get_only(Access).id, updated)
    if shares != access.shares or is_stale or not is_proven:
        case_key_access.rotate_key(draft, (home, *(share.key for share in shares)))
    if not is_proven:
        audit_trail.record_entry_in_transaction(keys, "keys.refused", file=file, reason=CASE_SHARES)
    _sign_access(keys, draft, groups.state_of(home.group), groups.people)
    kept = {share.key.group for share in shares}
    return tuple(share.key.group for share in access.shares if share.key.group not in kept)


def _is_proven(file: SealedFile, seen: Access, groups: _Groups, *, is_stale: bool) -> bool:
    """Return whether a member of the home group signed the access list as it was read.

    An unsigned list of an older program counts while the home group still has the key of that program. When the key
    is stale its last signer may have left since: then the shares are kept, each with a new key.
    """
    state = groups.state_of(seen.home_group_id)
    if not seen.signature:
        return state.is_legacy or not groups.people.anchored
    signer = _verified_signer(file, seen, groups.people)
    if signer is None:
        return False
    return signer in state.past_holders if is_stale else signer in state.holders and seen.public_epoch == state.epoch


def _verified_signer(file: SealedFile, access: Access, people: Directory) -> UUID | None:
    """Return the member who signed an access list, active or not; None when no member of the directory did."""
    statement = access_statement(file.org_id, file.id, file.read_kver, access)
    try:
        return authority.verify_signer(people, access.signer, access.signature, statement).member_id
    except OpenFailed:
        return None


def _sign_access(keys: Keys, draft: Draft, state: ChainState, people: Directory) -> None:
    """Sign the access list, unless an active member of the home group signed exactly this one."""
    entry, file = draft.file.get_only(Access), draft.file
    statement = access_statement(file.org_id, file.id, file.kver, entry.record)
    person = people.signers.get(entry.record.signer)
    if person is not None and person.member_id in state.holders & people.active_ids:
        try:
            authority.check_signature(person.sign_public, entry.record.signature, statement)
            return
        except OpenFailed:
            pass
    private = keys.keyring.sign_private
    signer = hybrid.signer_id(hybrid.derive_verify_key(private))
    draft.change(entry.id, replace(entry.record, signer=signer, signature=hybrid.sign(private, statement)))


def _require_current_share(keys: Keys, file: SealedFile, access: Access, groups: _Groups) -> None:
    """Raise Refused unless a member who has the case only by a share may write under its present key.

    They cannot make another key for the home group, so a current member of it must have signed this one, the share
    and the public key under which they write into the home group's index.
    """
    state = groups.state_of(access.home_group_id)
    is_current = (
        groups.needed_epoch(access.home_group_id) == state.epoch == access.public_epoch
        and primitives.digest(access.public) == state.public
        and _is_proven(file, access, groups, is_stale=False)
        and file.group.group in {share.key.group for share in access.shares}
    )
    if not is_current:
        raise Refused("rekey", REKEY)


def _active_shares(keys: Keys, shares: tuple[Share, ...], groups: _Groups, *, renew: bool) -> tuple[Share, ...]:
    """Return the shares that are still valid, each with the key it needs; shares with former members are left out.

    renew  a former member of the home group knows the keys of all shares
    """
    today = keys.earliest_share_end
    others = {held.group for held in keys.held if held.kind != SHARE} | set(groups.states)
    lasting = [
        share
        for share in shares
        if (share.key.until is None or share.key.until >= today)
        and (share.member is None or share.member in groups.people.active_ids)
        # A share's key under the id of a team would make the writer seal that team's whole index under it.
        and share.key.kind == SHARE
        and share.key.epoch == 1
        and share.key.group not in others
    ]
    return tuple(_renew_share(keys, share, groups, renew=renew) for share in lasting)


def _renew_share(keys: Keys, share: Share, groups: _Groups, *, renew: bool) -> Share:
    """Return the share with a new key when a former member may know the one it has, else unchanged."""
    needed = groups.needed_epoch(share.group) if share.group is not None else 0
    if not renew and needed <= share.group_epoch:
        return share
    key = replace(share.key, group=uuid4(), key=primitives.new_key())
    store.create(keys.org_id, key.group, key.epoch)
    # After the commit, because a grant names a member and must not be written in the case's transaction.
    transaction.on_commit(lambda: _give_share(keys, share, key), robust=True)
    return replace(share, key=key, group_epoch=max(needed, share.group_epoch))


def _give_share(keys: Keys, share: Share, key: GroupKey) -> None:
    """Grant a share's key to its member, or to every active member of its group, in a transaction of its own."""
    with office_transaction(keys.org_id):
        people = members.read_directory(keys)
        inside = {share.member}
        if share.group is not None:
            inside = set(group_chains.read_states(keys, people, [share.group])[share.group].members)
            _replace_in_roster(keys, share.group, share.key, key)
        for person in people.active_people:
            if person.member_id in inside:
                grants.give_keys(keys, person, (key,))


def _replace_in_roster(keys: Keys, group_id: UUID, old: GroupKey, new: GroupKey) -> None:
    """Put a share's new key into its group's roster, for people who join later. Only a member of the group can."""
    if keys.epochs_of(group_id):
        team.change_roster(
            keys,
            group_id,
            lambda r: replace(r, shares=(*(key for key in r.shares if key.group != old.group), new)),
        )
