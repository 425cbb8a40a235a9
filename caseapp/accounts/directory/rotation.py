"""Rotation of a group's key after a member with the last key has left, done by any remaining member.

It is due as long as the chain lists anyone with the newest key who should not have it (the directory decides), and when
a row says so (`Group.needs_epoch`); until then nothing is written in the group. It is one transaction: key pair,
roster, link, a grant to each remaining member, the member's own keyring. A crash leaves the old epoch, and the next
member to sign in does it.
"""

from uuid import UUID

from django.db import transaction
from msgspec.structs import replace

from caseapp.accounts.directory import anchoring, escrow, grants, groups, members, opt_out_inbox
from caseapp.accounts.directory.chains import chain, group_chains
from caseapp.accounts.directory.chains.chain import ChainState
from caseapp.accounts.directory.groups import TeamRoster
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group
from caseapp.lib.errors import NotFound, Unavailable
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.hybrid import KeyPair
from caseapp.vault.core.keyring import AUDITORS, OFFICE, GroupKey
from caseapp.vault.tenancy import office_transaction


def rotate_group_key(keys: Keys, group_id: UUID) -> GroupKey:
    """Return the group's newest key, made now if it is due. Idempotent; a later caller gets the first one's grant.

    Index and case wraps are the caller's (`upkeep/key_upkeep.py`). Raises NotFound for a member who is no longer in
    the group; Unavailable when another member made the key and its grant was not merged yet, or when the key that is
    held is not the one that the group's chain names; Refused for the office's own and the auditors' group without the
    root; OpenFailed when the chain does not count.
    """
    with transaction.atomic(), office_transaction(keys.org_id):
        anchoring.ensure_anchored(keys)
        row = Group.objects.select_for_update().filter(org_id=keys.org_id, group_id=group_id).first()
        if row is None:
            raise NotFound(f"group {group_id}")
        people = members.read_directory(keys)
        state = group_chains.open_row(keys, people, row)
        old = keys.group(group_id)
        if old.epoch < state.epoch:
            grants.collect(keys)
            old = keys.group(group_id)
            if old.epoch < state.epoch:
                raise Unavailable(f"the key of group {group_id} is on its way")
        if row.needs_epoch <= state.epoch and not chain.departed_holders(state, people):
            return old
        if not people.anchored:
            raise Unavailable("no group gets a new key until an admin has signed in to this program")
        if old.epoch > state.epoch or not state.fits(old):
            raise Unavailable(f"the key held of group {group_id} is not the one that its chain names")
        return _make_next_key(keys, old, state, people)


def _make_next_key(keys: Keys, old: GroupKey, state: ChainState, people: Directory) -> GroupKey:
    pair = hybrid.new_key_pair()
    new = replace(old, epoch=state.epoch + 1, key=primitives.new_key(), hpke_private=pair.private)
    if old.kind == OFFICE:
        after = _rotate_office_key(keys, new, pair, people)
    else:
        after = _rotate_team_key(keys, state, new, pair, people)
    escrow.add_missing_keys(keys.with_extra_groups(new), (new,))
    groups.add_to_own_keyring(keys, new, head=after.head)
    return new


def _rotate_team_key(keys: Keys, state: ChainState, new: GroupKey, pair: KeyPair, people: Directory) -> ChainState:
    if keys.member_id not in state.holders:
        raise NotFound(f"group {new.group}")
    before = groups.read_roster(keys, new.group)
    out = chain.departed_holders(state, people)
    staying = [
        person for person in people.active_people if person.member_id in state.members and person.member_id not in out
    ]
    after: TeamRoster = replace(
        before,
        epoch=new.epoch,
        group_public=pair.public,
        members=tuple(seat for seat in before.members if seat.member_id in {p.member_id for p in staying}),
    )
    if new.kind == AUDITORS:
        # Entries from now on are unreadable with the old key.
        people = members.set_auditors(keys, pair.public)
    groups.write_roster(keys, new, after)
    chained = group_chains.extend(keys, people, new, public=pair.public, left=tuple(out & set(state.members)))
    for person in staying:
        if person.member_id != keys.member_id:
            grants.give_keys(keys, person, (new,))
    return chained


def _rotate_office_key(keys: Keys, new: GroupKey, pair: KeyPair, people: Directory) -> ChainState:
    people = members.reseal_directory(keys, new)
    opt_out_inbox.update_public_key(keys.org_id, pair.public)
    after = group_chains.extend(keys.with_extra_groups(new), people, new, public=pair.public)
    for person in people.active_people:
        if person.member_id != keys.member_id:
            grants.give_keys(keys, person, (new,))
    return after
