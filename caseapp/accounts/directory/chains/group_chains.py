"""Rows of the groups' chains: read for the office, and continued by members who are entitled."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

import msgspec

from caseapp.accounts import queries
from caseapp.accounts.directory import signed_lists
from caseapp.accounts.directory.chains import chain, chain_rows
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.chains.chain import ROOT_KINDS, ChainState, Link, Reader, SignedLink, StoredChain
from caseapp.accounts.directory.chains.chain_rows import LEGACY_LABEL
from caseapp.accounts.directory.records import Descriptor, Directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import OFFICE, GroupKey
from caseapp.vault.errors import OpenFailed


def read_states(keys: Keys, people: Directory, group_ids: Collection[UUID] | None = None) -> dict[UUID, ChainState]:
    """Return the state of every group, or of these. Raises OpenFailed when the row of one does not count."""
    rows = Group.objects.filter(org_id=keys.org_id)
    rows = rows if group_ids is None else rows.filter(group_id__in=list(group_ids))
    return {row.group_id: open_row(keys, people, row) for row in rows}


def survey(keys: Keys, people: Directory) -> tuple[dict[UUID, ChainState], dict[UUID, str]]:
    """Return the groups whose rows count, and those that do not with the code of the reason."""
    states, problems = {}, {}
    for row in Group.objects.filter(org_id=keys.org_id):
        try:
            states[row.group_id] = state = open_row(keys, people, row)
        except OpenFailed as exc:
            problems[row.group_id] = exc.code if isinstance(exc, NotEntitled) else "damaged"
        else:
            if state.problem:
                problems[row.group_id] = state.problem
    return states, problems


def open_row(keys: Keys, people: Directory, row: Group) -> ChainState:
    """Return the state of the group in a row. Raises OpenFailed (NotEntitled) when nothing of it counts.

    The same row is judged once by these keys against the same directory.
    """
    seen = keys.keyring.head_of(row.group_id)

    def judge() -> ChainState:
        stored = _open_stored(keys, row)
        return chain_rows.judge_stored(_reader(keys, people), row.group_id, row.version, stored, seen=seen)

    return keys.open_once(("chain", row.group_id), (row.version, bytes(row.sealed), seen, people), judge)


def lock_states(keys: Keys, people: Directory, group_ids: Iterable[UUID]) -> dict[UUID, tuple[ChainState, int]]:
    """Return group id to (state, epoch it must reach), and lock the rows so that no group changes until the commit.

    Raises OpenFailed. Groups without a row (single shares) are left out.
    """
    rows = (Group(org_id=keys.org_id, **row._asdict()) for row in queries.lock_group_rows(keys.org_id, group_ids))
    return {row.group_id: (open_row(keys, people, row), row.needs_epoch) for row in rows}


def start(keys: Keys, group: GroupKey, *, public: bytes, members: Sequence[UUID]) -> None:
    """Store the first link of a new group, signed by the member who makes it (by the root for the office's groups)."""
    link = Link(
        kind=group.kind,
        epoch=group.epoch,
        public=primitives.digest(public),
        key=group.commitment(),
        joined=tuple(members),
    )
    _store(keys, group.group, group.epoch, (_sign(keys, group.group, link),), public)


def extend(
    keys: Keys,
    people: Directory,
    group: GroupKey,
    *,
    public: bytes | None = None,
    joined: Collection[UUID] = (),
    left: Collection[UUID] = (),
) -> ChainState:
    """Add a link to a group's chain and return the new state: a new epoch, or people who join in the newest.

    group   the key of the epoch that the link is about
    public  the new epoch's public key; None to keep the newest one
    Links that do not count are dropped. In the caller's transaction; raises NotFound, OpenFailed, Refused(code="root").
    """
    row = Group.objects.select_for_update().filter(org_id=keys.org_id, group_id=group.group).first()
    if row is None:
        raise NotFound(f"group {group.group}")
    stored, state = _open_stored(keys, row), open_row(keys, people, row)
    if not isinstance(stored, StoredChain):
        return _extend_legacy(keys, row, stored, state, joined)
    new_public = public if public is not None else state.public_key
    link = Link(
        kind=state.kind,
        epoch=group.epoch,
        public=primitives.digest(new_public),
        previous=state.head,
        key=group.commitment(),
        joined=tuple(joined),
        left=tuple(left),
    )
    links = (*stored.links[: len(state.digests)], _sign(keys, group.group, link))
    after = chain.read_chain(_reader(keys, people), group.group, links, seen=state.head)
    if after.problem:
        raise NotEntitled(after.problem, f"group {group.group}: this member cannot sign its next link")
    _store(keys, group.group, group.epoch, links, new_public, row)
    return replace(after, public_key=new_public)


def take_over(keys: Keys, people: Directory, row: Group, roster: bytes) -> None:
    """Store the first link of a group of an older program, signed by the root. The caller has locked the row.

    roster  SHA-256 of its stored roster
    Raises OpenFailed when its descriptor does not open. A key that the admin does not hold gets no commitment yet.
    """
    stored = _open_stored(keys, row)
    if isinstance(stored, StoredChain):
        return
    known = chain_rows.verify_descriptor(_reader(keys, people), row.group_id, row.version, stored)
    held = [key for key in keys.held if (key.group, key.epoch) == (known.group, known.epoch)]
    link = Link(
        kind=known.kind,
        epoch=known.epoch,
        public=primitives.digest(known.public),
        key=held[0].commitment() if held else b"",
        joined=() if known.kind == OFFICE else known.members,
        roster=roster,
    )
    root = keys.keyring.org_root_private
    signed = chain.sign_link(link, org_id=keys.org_id, group=row.group_id, root=root)
    _store(keys, row.group_id, known.epoch, (signed,), known.public, row)


def _reader(keys: Keys, people: Directory) -> Reader:
    return Reader(keys.org_id, people, keys.keyring.org_root_public)


def _sign(keys: Keys, group_id: UUID, link: Link) -> SignedLink:
    ring = keys.keyring
    if link.kind not in ROOT_KINDS:
        return chain.sign_link(link, org_id=keys.org_id, group=group_id, member=ring.sign_private)
    if not ring.org_root_private:
        raise Refused("root", "Only an admin can change who belongs to the office.")
    return chain.sign_link(link, org_id=keys.org_id, group=group_id, root=ring.org_root_private)


def _store(
    keys: Keys, group_id: UUID, epoch: int, links: Sequence[SignedLink], public: bytes, row: Group | None = None
) -> None:
    """Store a chain. A new epoch is also what the group had to reach."""
    version = row.version + 1 if row else 1
    stored = StoredChain(links=tuple(links), public=public)
    sealed = chain_rows.seal_chain(keys.office_group, keys.org_id, group_id, version, stored)
    needs = row.needs_epoch if row is not None and row.epoch == epoch else epoch
    queries.save_group(keys.org_id, queries.GroupRow(group_id, version, sealed, epoch, needs))


def _open_stored(keys: Keys, row: Group) -> StoredChain | signed_lists.Signed:
    return chain_rows.open_stored(keys.office_epochs, keys.org_id, row.group_id, row.version, bytes(row.sealed))


def _extend_legacy(
    keys: Keys, row: Group, stored: signed_lists.Signed, state: ChainState, joined: Collection[UUID]
) -> ChainState:
    """Add people to a descriptor of an older program, as that program did, until an admin has signed in."""
    known = msgspec.msgpack.decode(stored.body, type=Descriptor)
    members = tuple(dict.fromkeys((*known.members, *joined)))
    body = msgspec.msgpack.encode(msgspec.structs.replace(known, members=members))
    sealed = signed_lists.seal(
        keys.office_group.roster_key(),
        LEGACY_LABEL,
        keys.org_id,
        row.group_id,
        row.version + 1,
        body,
        private=keys.keyring.sign_private,
        root=False,
    )
    Group.objects.filter(org_id=row.org_id, group_id=row.group_id).update(version=row.version + 1, sealed=sealed)
    return replace(state, members=members, holders=state.holders | set(members))
