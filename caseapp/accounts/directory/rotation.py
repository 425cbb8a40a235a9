"""Rotation of a group's key after a member with the last key has left, done by any remaining member.

A removal only records that it is due (`Group.needs_epoch`); from then on nothing is written in the group until the
rotation. It is one transaction: key pair, roster, descriptor, a grant to each remaining member, the member's own
keyring. A crash leaves the old epoch and the mark, and the next member to sign in does it.
"""

from uuid import UUID

from django.db import transaction
from msgspec.structs import replace

from caseapp.accounts.directory import escrow, grants, groups, members, opt_out_inbox
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
    the group; Unavailable when another member made the key and its grant was not merged yet; Refused for the office's
    own and the auditors' group without the root.
    """
    with transaction.atomic(), office_transaction(keys.org_id):
        row = Group.objects.select_for_update().filter(org_id=keys.org_id, group_id=group_id).first()
        if row is None:
            raise NotFound(f"group {group_id}")
        old = keys.group(group_id)
        if row.epoch >= row.needs_epoch and old.epoch >= row.epoch:
            return old
        if old.epoch < row.epoch:
            grants.merge_waiting(keys)
            if keys.group(group_id).epoch < row.epoch:
                raise Unavailable(f"the key of group {group_id} is on its way")
            return keys.group(group_id)
        pair = hybrid.new_key_pair()
        new = replace(old, epoch=row.needs_epoch, key=primitives.new_key(), hpke_private=pair.private)
        people = members.read_directory(keys)
        if old.kind == OFFICE:
            _rotate_office_key(keys, new, pair, people)
        else:
            _rotate_team_key(keys, old, new, pair, people)
        escrow.add_missing_keys(keys.with_extra_groups(new), (new,))
        groups.add_to_own_keyring(keys, new)
    return new


def _rotate_team_key(keys: Keys, old: GroupKey, new: GroupKey, pair: KeyPair, people: Directory) -> None:
    before = groups.read_roster(keys, old.group)
    active = {person.member_id: person for person in people.active_people}
    if keys.member_id not in active:
        raise NotFound(f"group {old.group}")
    after: TeamRoster = replace(
        before,
        epoch=new.epoch,
        group_public=pair.public,
        members=tuple(seat for seat in before.members if seat.member_id in active),
    )
    if old.kind == AUDITORS:
        members.set_auditors(keys, pair.public)  # entries from now on are unreadable with the old key
    groups.write_roster(keys, new, after)
    groups.write_descriptor(keys, new, public=pair.public, members=tuple(seat.member_id for seat in after.members))
    for seat in after.members:
        if seat.member_id != keys.member_id:
            grants.give_keys(keys, active[seat.member_id], (new,))


def _rotate_office_key(keys: Keys, new: GroupKey, pair: KeyPair, people: Directory) -> None:
    members.reseal_directory(keys, new)
    opt_out_inbox.update_public_key(keys.org_id, pair.public)
    groups.write_descriptor(
        keys.with_extra_groups(new),
        new,
        public=pair.public,
        members=tuple(person.member_id for person in people.active_people),
    )
    for person in people.active_people:
        if person.member_id != keys.member_id:
            grants.give_keys(keys, person, (new,))
