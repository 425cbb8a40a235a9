"""The group of the conflict officers: exactly they have its key, and every member can write to it.

The directory, which the office's root signs, has the group's public key: each save of a case that touches a name or a
number writes to it, and so does each request for a conflict check. Only an admin changes who is an officer, so an admin
makes the group's next key each time, gives it to the officers, and keeps it only as one of them. An office without an
officer has no public key: nothing is written until one is appointed.
"""

from uuid import UUID, uuid4

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, escrow, grants, groups, members
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.directory.records import ConflictGroup, Directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.hybrid import KeyPair
from caseapp.vault.core.keyring import CONFLICT, GroupKey
from caseapp.vault.tenancy import office_transaction


def follow_officers(keys: Keys) -> bool:
    """Make the group's next key if the officers changed, and give it to them. Return whether that was done.

    Does nothing for a member without the office's root, and in an office of an older program that is not anchored.
    Raises OpenFailed, and Refused while the office is locked down.
    """
    if not keys.keyring.org_root_private:
        return False
    with office_transaction(keys.org_id):
        people = members.read_directory(keys)
        if not people.anchored:
            return False
        officers = {person.member_id for person in people.conflict_officers}
        known = people.conflicts
        if known is None:
            return bool(officers) and _found_group(keys, people)
        if not officers:
            return bool(known.public) and _close_group(keys, known)
        row = Group.objects.select_for_update().get(org_id=keys.org_id, group_id=known.group)
        before = group_chains.open_row(keys, people, row)
        if known.public and before.epoch == known.epoch and before.holders == officers:
            return False
        # What was written under an older key counts as long as one of the officers has that key.
        is_continued = bool(known.public) and bool(before.holders & officers)
        epoch = before.epoch + 1
        pair = hybrid.new_key_pair()
        group = _new_key(known.group, epoch, pair)
        left = tuple(member for member in before.members if member not in officers)
        joined = tuple(sorted(officers - set(before.members)))
        after = group_chains.extend(keys, people, group, public=pair.public, joined=joined, left=left)
        since = known.since if is_continued else epoch
        changed = ConflictGroup(group=known.group, epoch=epoch, public=pair.public, since=since)
        _hand_out(keys, group, changed, head=after.head)
        audit_trail.record_entry_in_transaction(keys, "group.rotate", target=known.group)
    return True


def is_officer(keys: Keys) -> bool:
    """Return whether the member is a conflict officer and has the key of the group's newest epoch."""
    held = keys.groups_of_kind(CONFLICT)
    if not held:
        return False
    people = members.read_directory(keys)
    known = people.conflicts
    is_listed = any(person.member_id == keys.member_id for person in people.conflict_officers)
    return is_listed and known is not None and any(group.epoch == known.epoch for group in held)


def _found_group(keys: Keys, people: Directory) -> bool:
    pair = hybrid.new_key_pair()
    group = _new_key(uuid4(), 1, pair)
    officers = tuple(sorted(person.member_id for person in people.conflict_officers))
    group_chains.start(keys, group, public=pair.public, members=officers)
    _hand_out(keys, group, ConflictGroup(group=group.group, epoch=1, public=pair.public, since=1))
    audit_trail.record_entry_in_transaction(keys, "group.create", target=group.group)
    return True


def _close_group(keys: Keys, known: ConflictGroup) -> bool:
    """Take the public key away: nothing more is written that the last officer could open."""
    members.set_conflict_group(keys, replace(known, public=b""))
    return True


def _new_key(group_id: UUID, epoch: int, pair: KeyPair) -> GroupKey:
    return GroupKey(group=group_id, epoch=epoch, key=primitives.new_key(), hpke_private=pair.private, kind=CONFLICT)


def _hand_out(keys: Keys, group: GroupKey, known: ConflictGroup, *, head: bytes = b"") -> None:
    """Publish the group's newest key in the directory, and give its private part to the officers and the escrow."""
    people = members.set_conflict_group(keys, known)
    escrow.add_missing_keys(keys, (group,))
    for person in people.conflict_officers:
        if person.member_id == keys.member_id:
            groups.add_to_own_keyring(keys, group, head=head)
        else:
            grants.give_keys(keys, person, (group,))
