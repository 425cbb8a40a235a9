"""Teams and walls and their members, changed by the members of the group without anyone else's approval.

Being in a group means having its key. The chain (`chain.py`, sealed for the office) says who was given which key, and
the group's public key, so that an admin outside a wall can still remove a person and every member can write to the
group. The roster (sealed for the group, signed by the member who wrote it) has the group's name, who leads it, and the
keys of cases that were shared with it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from caseapp.accounts import queries
from caseapp.accounts.directory import audit_trail, escrow, grants, signed_lists
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.chains import authority, group_chains
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.chains.chain import ChainState
from caseapp.accounts.directory.records import Descriptor, Directory, Person
from caseapp.accounts.keys import keyrings
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group, Roster
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

ROSTER_LABEL = LABELS["group roster"]
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
    """Store roster and first link of a group whose key was just made."""
    write_roster(keys, group, roster)
    members = tuple(seat.member_id for seat in roster.members)
    group_chains.start(keys, group, public=roster.group_public, members=members)
    escrow.add_missing_keys(keys, (group,))


def add_to_own_keyring(keys: Keys, group: GroupKey, *, head: bytes = b"") -> None:
    """Add a group's key to the member's own keyring, and the newest link of its chain."""
    heads = {group.group: head} if head else {}
    keyrings.change(keys, lambda ring: replace(ring, groups=keyrings.merge_groups(ring, (group,))).with_heads(heads))


@dataclass(frozen=True)
class _GroupRows:
    """The rows that say who is in a group: the directory, the group's roster and its chain. One query."""

    directory: Roster | None
    roster: Roster | None
    group: Group | None


def _read_rows(keys: Keys, group_id: UUID) -> _GroupRows:
    office = keys.office_group.group
    rosters: dict[UUID, Roster] = {}
    row: Group | None = None
    for table, group, version, sealed in queries.find_group_rows(keys.org_id, group_id, office):
        if table == "group":
            row = Group(org_id=keys.org_id, group_id=group, version=version, sealed=sealed)
        else:
            rosters[group] = Roster(org_id=keys.org_id, group_id=group, version=version, sealed=sealed)
    return _GroupRows(rosters.get(office), rosters.get(group_id), row)


def read_roster(keys: Keys, group_id: UUID) -> TeamRoster:
    """Return the roster of a group the member is in. Raises NoKey, OpenFailed."""
    with join_office_transaction(keys.org_id):
        rows = _read_rows(keys, group_id)
        return _open_roster(keys, group_id, rows, directory.open_directory_row(keys, rows.directory))


def readable_rosters(keys: Keys) -> list[tuple[GroupKey, TeamRoster]]:
    """Return the member's teams with their rosters, the earliest joined first, without those that do not count.

    A team whose rows were overwritten must not close the pages of all others; `key_upkeep.rotate_due_keys` reports it.
    """
    rosters = []
    for team in keys.teams:
        with suppress(OpenFailed):
            rosters.append((team, read_roster(keys, team.group)))
    return rosters


def active_members_of(
    keys: Keys, group_id: UUID, also: Collection[UUID] = (), *, accepts_older: bool = False
) -> tuple[Person, ...]:
    """Return the active members of a group, and those of `also` who are still in the office, by name.

    A share has no chain: returns every active member. `accepts_older`: as `members.read_directory`. Raises NotFound,
    OpenFailed.
    """
    with join_office_transaction(keys.org_id):
        rows = _read_rows(keys, group_id)
        people = directory.open_directory_row(keys, rows.directory, accepts_older=accepts_older)
        if any(held.kind == SHARE for held in keys.epochs_of(group_id)):
            return people.active_people
        if rows.group is None:
            raise NotFound(f"group {group_id}")
        members = group_chains.open_row(keys, people, rows.group).members
    return tuple(person for person in people.active_people if person.member_id in members or person.member_id in also)


def _open_roster(keys: Keys, group_id: UUID, rows: _GroupRows, people: Directory) -> TeamRoster:
    epochs, row = keys.epochs_of(group_id), rows.roster
    if not epochs:
        raise NoKey(f"group {group_id}")
    if row is None or rows.group is None:
        raise OpenFailed(f"roster of group {group_id} is missing")
    state = group_chains.open_row(keys, people, rows.group)
    fields = (keys.org_id, group_id, row.version, bytes(row.sealed))

    def open_row() -> TeamRoster:
        signed = open_with_any(
            epochs,
            lambda held: signed_lists.open_signed(held.roster_key(), ROSTER_LABEL, *fields),
            what=f"group {group_id}",
        )
        _judge_roster(people, state, row, signed)
        return msgspec.msgpack.decode(signed.body, type=TeamRoster)

    # Directory and chain say whose signature counts: with another one the roster is judged anew.
    return keys.open_once(("roster", group_id), (fields, people, state), open_row)


def _judge_roster(people: Directory, state: ChainState, row: Roster, signed: signed_lists.Signed) -> None:
    """Raise NotEntitled unless a member of the group signed its roster, or the root vouches for it."""
    signed_lists.verify_member(signed, ROSTER_LABEL, row.org_id, row.group_id, row.version, people.verifiers)
    digest = primitives.digest(bytes(row.sealed))
    if not people.anchored or digest in state.rosters:
        return
    signer, *_ = authority.capacities(people, signed.signer, authority.names_item(digest))
    if signer.member_id not in state.holders:
        raise NotEntitled("member", f"the roster of group {row.group_id} was signed by someone outside it")


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
    queries.save_roster(keys.org_id, group.group, version, sealed)


def change_roster(
    keys: Keys, group_id: UUID, edit: Callable[[TeamRoster], TeamRoster], *, joined: Collection[UUID] = ()
) -> TeamRoster:
    """Edit the roster of a group the member is in, and return it. Raises NoKey, OpenFailed.

    joined  people who are given the group's key with this change: its chain lists them from now on
    """
    group = keys.group(group_id)
    with office_transaction(keys.org_id):
        # Lock the row, so that two edits at the same time are both kept.
        list(Roster.objects.select_for_update().filter(org_id=keys.org_id, group_id=group_id))
        after = edit(read_roster(keys, group_id))
        write_roster(keys, group, after)
        if joined:
            group_chains.extend(keys, directory.read_directory(keys), group, joined=joined)
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
    """Add people (id to lead or member) to a group's roster and chain; `add_members` also gives them the key."""
    change_roster(keys, group_id, lambda r: replace(r, members=_merge_seats(r.members, members)), joined=tuple(members))


def _merge_seats(seats: Sequence[Seat], members: Mapping[UUID, str]) -> tuple[Seat, ...]:
    others = [seat for seat in seats if seat.member_id not in members]
    return (*others, *(Seat(member_id=member_id, role=role) for member_id, role in members.items()))
