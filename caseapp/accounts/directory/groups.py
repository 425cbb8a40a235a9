"""Teams and walls and their members, changed by the members of the group without anyone else's approval.

Being in a group means having its key. The roster (sealed for the group, signed by the member who wrote it) lists the
members that were given the key, and the group's name. The descriptor (sealed for the office) lists only the members and
the group's public key, so that an admin outside a wall can still remove a person and every member can write to the
group.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, escrow, grants, signed_lists
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.records import Descriptor, Directory, Person
from caseapp.accounts.keys import keyrings
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group, Roster
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import office_transaction

ROSTER_LABEL, GROUP_LABEL = LABELS["group roster"], LABELS["group descriptor"]
LEAD, MEMBER = "lead", "member"
__all__ = ["LEAD", "MEMBER", "Descriptor"]


class Seat(msgspec.Struct, kw_only=True, frozen=True):
    """A member's membership in a group: `role` is lead or member."""

    member_id: UUID
    role: str = MEMBER


class TeamRoster(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A group's roster, which its members can read. `shares` are keys of single cases shared with the group."""

    name: str
    group_public: bytes
    epoch: int
    members: tuple[Seat, ...]
    shares: tuple[GroupKey, ...] = ()
    version: int = 1

    def __repr__(self) -> str:
        return f"<TeamRoster of {len(self.members)} members>"


def create(
    keys: Keys,
    *,
    kind: str,
    name: str,
    members: Mapping[UUID, str],
    prepare: Callable[[GroupKey], object] = lambda _: None,
) -> GroupKey:
    """Create a group with its key pair and give the key to everyone in `members` (id to lead or member).

    The creator's own keyring gets the key at once. Rows of the group and rows of members are written in separate
    transactions, since a common transaction number would reveal who is in which group: call it outside of a
    transaction. A crash between them leaves a group that some members were not given. `prepare` makes what a member
    with the key must find (the index), before any member has the key. Raises NotFound for a person who is not in the
    directory, OpenFailed when the directory was altered, Refused while the office is locked down.
    """
    pair = hybrid.new_key_pair()
    group = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), hpke_private=pair.private, kind=kind)
    with office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        people = directory.read_directory(keys)
        for member_id in members:
            people.find_person(member_id)
        seats = tuple(Seat(member_id=member_id, role=role) for member_id, role in sorted(members.items()))
        store_new_group(keys, group, TeamRoster(name=name, group_public=pair.public, epoch=1, members=seats))
        prepare(group)
        audit_trail.record_entry_in_transaction(keys, "group.create", target=group.group)
    with office_transaction(keys.org_id):
        for member_id in members:
            if member_id != keys.member_id:
                grants.give_keys(keys, people.find_person(member_id), (group,))
    if keys.member_id in members:
        add_to_own_keyring(keys, group)
    return group


def store_new_group(keys: Keys, group: GroupKey, roster: TeamRoster) -> None:
    """Store roster and descriptor of a group whose key was just made."""
    write_roster(keys, group, roster)
    write_descriptor(keys, group, public=roster.group_public, members=tuple(seat.member_id for seat in roster.members))
    escrow.add_missing_keys(keys, (group,))


def add_to_own_keyring(keys: Keys, *groups: GroupKey) -> None:
    """Add group keys to the member's own keyring."""
    keyrings.change(keys, lambda ring: replace(ring, groups=keyrings.merge_groups(ring, groups)))


def read_roster(keys: Keys, group_id: UUID) -> TeamRoster:
    """Return the roster of a group the member is in. Raises NoKey, OpenFailed."""
    with office_transaction(keys.org_id):
        rows = _roster_rows(keys, group_id)
        return _open_roster(keys, group_id, rows, directory.open_directory_row(keys, rows.get(keys.office_group.group)))


def active_members_of(keys: Keys, group_id: UUID, also: Collection[UUID] = ()) -> tuple[Person, ...]:
    """Return the active members of a group, and those of `also` who are still in the office, by name.

    One query for a group the member is in; other groups are read from their descriptor. A share has no roster: returns
    every active member. Raises NotFound, OpenFailed.
    """
    with office_transaction(keys.org_id):
        rows = _roster_rows(keys, group_id)
        people = directory.open_directory_row(keys, rows.get(keys.office_group.group))
        if any(held.kind == SHARE for held in keys.epochs_of(group_id)):
            return people.active_people
        try:
            seats = {seat.member_id for seat in _open_roster(keys, group_id, rows, people).members}
        except NoKey:
            descriptor = read_descriptors(keys, people).get(group_id)
            if descriptor is None:
                raise NotFound(f"group {group_id}") from None
            seats = set(descriptor.members)
    return tuple(person for person in people.active_people if person.member_id in seats or person.member_id in also)


def _roster_rows(keys: Keys, group_id: UUID) -> dict[UUID, Roster]:
    wanted = [keys.office_group.group, group_id]
    return {row.group_id: row for row in Roster.objects.filter(org_id=keys.org_id, group_id__in=wanted)}


def _open_roster(keys: Keys, group_id: UUID, rows: Mapping[UUID, Roster], people: Directory) -> TeamRoster:
    epochs, row = keys.epochs_of(group_id), rows.get(group_id)
    if epochs and row is None:
        raise OpenFailed(f"roster of group {group_id} is missing")

    def open_with(held: GroupKey) -> bytes:
        assert row is not None
        return _open_list(held, ROSTER_LABEL, keys.org_id, row, people.verifiers)

    body = open_with_any(epochs, open_with, what=f"group {group_id}")
    return msgspec.msgpack.decode(body, type=TeamRoster)


def _open_list(
    held: GroupKey, label: bytes, org_id: UUID, row: Roster | Group, verifiers: Mapping[bytes, bytes]
) -> bytes:
    return signed_lists.open_by_member(
        held.roster_key(), label, org_id, row.group_id, row.version, bytes(row.sealed), verifiers=verifiers
    )


def write_roster(keys: Keys, group: GroupKey, roster: TeamRoster) -> None:
    """Sign and store the next version of a group's roster, sealed under `group` (the new epoch's key when rotating)."""
    previous = Roster.objects.select_for_update().filter(org_id=keys.org_id, group_id=group.group).first()
    version = previous.version + 1 if previous else 1
    body = msgspec.msgpack.encode(replace(roster, version=version, epoch=group.epoch))
    sealed = signed_lists.seal(
        group.roster_key(),
        ROSTER_LABEL,
        keys.org_id,
        group.group,
        version,
        body,
        private=keys.keyring.sign_private,
        root=False,
    )
    Roster.objects.update_or_create(
        org_id=keys.org_id, group_id=group.group, defaults={"version": version, "sealed": sealed}
    )


def change_roster(keys: Keys, group_id: UUID, edit: Callable[[TeamRoster], TeamRoster]) -> TeamRoster:
    """Edit the roster and descriptor of a group the member is in, and return the roster. Raises NoKey, OpenFailed."""
    group = keys.group(group_id)
    with office_transaction(keys.org_id):
        # Lock the row, so that two edits at the same time are both kept.
        list(Roster.objects.select_for_update().filter(org_id=keys.org_id, group_id=group_id))
        after = edit(read_roster(keys, group_id))
        write_roster(keys, group, after)
        write_descriptor(
            keys, group, public=after.group_public, members=tuple(seat.member_id for seat in after.members)
        )
    return after


def add_members(keys: Keys, group_id: UUID, members: Mapping[UUID, str]) -> None:
    """Add members of the office to a group: give each the key and the shares, then write the roster. Raises NotFound.

    All epochs in the keyring are given: cases without a write since the last change of key are still under the old one.
    """
    held = keys.epochs_of(group_id)
    with office_transaction(keys.org_id):
        people = directory.read_directory(keys)
        current = read_roster(keys, group_id)
        for member_id in members:
            grants.give_keys(keys, people.find_person(member_id), (*held, *current.shares))
            audit_trail.record_entry_in_transaction(keys, "grant", target=member_id)
        seat_members(keys, group_id, members)


def seat_members(keys: Keys, group_id: UUID, members: Mapping[UUID, str]) -> None:
    """Add people (id to lead or member) to a group's roster only; `add_members` also gives them the key."""
    change_roster(keys, group_id, lambda r: replace(r, members=_merge_seats(r.members, members)))


def _merge_seats(seats: Sequence[Seat], members: Mapping[UUID, str]) -> tuple[Seat, ...]:
    others = [seat for seat in seats if seat.member_id not in members]
    return (*others, *(Seat(member_id=member_id, role=role) for member_id, role in members.items()))


def write_descriptor(keys: Keys, group: GroupKey, *, public: bytes, members: Sequence[UUID]) -> None:
    """Store a group's descriptor for the office (its members, not its name), signed by the member who writes it."""
    previous = Group.objects.select_for_update().filter(org_id=keys.org_id, group_id=group.group).first()
    version = previous.version + 1 if previous else 1
    body = msgspec.msgpack.encode(
        Descriptor(group=group.group, kind=group.kind, epoch=group.epoch, public=public, members=tuple(members))
    )
    sealed = signed_lists.seal(
        keys.office_group.roster_key(),
        GROUP_LABEL,
        keys.org_id,
        group.group,
        version,
        body,
        private=keys.keyring.sign_private,
        root=False,
    )
    needs = max(group.epoch, previous.needs_epoch) if previous else group.epoch
    Group.objects.update_or_create(
        org_id=keys.org_id,
        group_id=group.group,
        defaults={"version": version, "sealed": sealed, "epoch": group.epoch, "needs_epoch": needs},
    )


def read_descriptors(keys: Keys, people: Directory | None = None) -> dict[UUID, Descriptor]:
    """Return the descriptor of every group of the office, including walls the member is not in.

    Raises OpenFailed when one was altered.
    """
    with office_transaction(keys.org_id):
        verifiers = (people or directory.read_directory(keys)).verifiers
        rows = list(Group.objects.filter(org_id=keys.org_id))
        return {row.group_id: _open_descriptor(keys, row, verifiers) for row in rows}


def _open_descriptor(keys: Keys, row: Group, verifiers: Mapping[bytes, bytes]) -> Descriptor:
    body = open_with_any(
        keys.office_epochs,
        lambda held: _open_list(held, GROUP_LABEL, keys.org_id, row, verifiers),
        what=f"descriptor of {row.group_id}",
    )
    return msgspec.msgpack.decode(body, type=Descriptor)
