"""A group's next key, when somebody who held the last one is gone: made by any member who remains.

A removal only writes down that it is due (`Group.needs_epoch`); from then on nothing is written in the group before
this was done. One transaction: key pair, roster, descriptor, a grant to each who remains, one's own keyring. A crash
leaves the old epoch and the mark, and the next member who comes does it.
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
from caseapp.vault.core.hybrid import Pair
from caseapp.vault.core.keyring import AUDITORS, OFFICE, GroupKey
from caseapp.vault.tenancy import office


def is_due(keys: Keys, group_id: UUID) -> bool:
    """Whether a group one is in must have another key before anything is written in it."""
    return group_id in due(keys)


def due(keys: Keys) -> frozenset[UUID]:
    """The groups one is in whose key is due. Rows of the office that one is not in say nothing here."""
    mine = {group.group: group.epoch for group in keys.held[::-1]}  # held: newest epochs first
    with office(keys.org_id):
        epochs = groups.epochs(keys.org_id)
    return frozenset(group_id for group_id, epoch in mine.items() if epochs.get(group_id, (0, 0))[1] > epoch)


def rotate(keys: Keys, group_id: UUID) -> GroupKey:
    """The group's newest key, made now if it is due. Idempotent; whoever comes second gets the grant of the first.

    The index and the wraps of cases are the caller's (`casework/rekeying.py`). Raises NotFound for somebody who is not
    in the group any more, Unavailable when another member made the key and one's grant was not merged yet, Refused for
    the office's own and the auditors' group when one does not hold the root.
    """
    with transaction.atomic(), office(keys.org_id):
        row = Group.objects.select_for_update().filter(org_id=keys.org_id, group_id=group_id).first()
        if row is None:
            raise NotFound(f"group {group_id}")
        old = keys.group(group_id)
        if row.epoch >= row.needs_epoch and old.epoch >= row.epoch:
            return old
        if old.epoch < row.epoch:
            grants.merge(keys)
            if keys.group(group_id).epoch < row.epoch:
                raise Unavailable(f"the key of group {group_id} is on its way")
            return keys.group(group_id)
        pair = hybrid.new_pair()
        new = replace(old, epoch=row.needs_epoch, key=primitives.new_key(), hpke_private=pair.private)
        people = members.read(keys)
        if old.kind == OFFICE:
            _of_the_office(keys, new, pair, people)
        else:
            _of_a_group(keys, old, new, pair, people)
        escrow.cover(keys.plus(new), (new,))
        groups.hold(keys, new)
    return new


def _of_a_group(keys: Keys, old: GroupKey, new: GroupKey, pair: Pair, people: Directory) -> None:
    before = groups.roster(keys, old.group)
    here = {person.member_id: person for person in people.active}
    if keys.member_id not in here:
        raise NotFound(f"group {old.group}")
    after: TeamRoster = replace(
        before,
        epoch=new.epoch,
        group_public=pair.public,
        members=tuple(seat for seat in before.members if seat.member_id in here),
    )
    if old.kind == AUDITORS:
        members.set_auditors(keys, pair.public)  # what is written from here on, the one who is gone cannot read
    groups.write_roster(keys, new, after)
    groups.describe(keys, new, public=pair.public, members=tuple(seat.member_id for seat in after.members))
    for seat in after.members:
        if seat.member_id != keys.member_id:
            grants.give(keys, here[seat.member_id], (new,))


def _of_the_office(keys: Keys, new: GroupKey, pair: Pair, people: Directory) -> None:
    members.seal_again(keys, new)
    opt_out_inbox.follow(keys.org_id, pair.public)
    groups.describe(
        keys.plus(new), new, public=pair.public, members=tuple(person.member_id for person in people.active)
    )
    for person in people.active:
        if person.member_id != keys.member_id:
            grants.give(keys, person, (new,))
