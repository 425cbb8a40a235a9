"""The chain of a group: which key follows which, and who was given it. No Django: `caseapp recover` reads it offline.

row        blob "group/2" under the office's roster key: MessagePack {links, public}, padded to 1 KiB
link       MessagePack {previous, kind, epoch, key, public, joined, left, roster, signer}
signature  Ed25519 over "link/1" | office | group | link

Each link names the SHA-256 of the link before, so links cannot be left out, exchanged or reordered. A link is signed by
a member of the group as the links before say, or by the office's root; for groups whose members follow from their role
(office, auditors, conflict officers) by the root alone. The first link of a group that an older program made is signed
by the root. A chain counts as far as its links do: `ChainState.problem` says why the rest does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec

from caseapp.accounts.directory.chains import authority
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.records import Departure, Directory
from caseapp.accounts.keys import permissions
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import AUDITORS, CONFLICT, OFFICE, TEAM, WALL, GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

ROOT_KINDS = (OFFICE, AUDITORS, CONFLICT)
MAKERS = {TEAM: "make_team", WALL: "wall_case"}  # the act that a member of the office needs for a group's first link


class Link(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One step of a group: a new epoch, or people who joined in the same one.

    previous  SHA-256 of the link before; empty in the first
    key       commitment to the epoch's key (`GroupKey.commitment`); empty when the signer does not hold it
    public    SHA-256 of the group's public key of this epoch
    left      people without the new epoch's key: none of them is in the office any more
    roster    SHA-256 of the stored roster that the root vouches for, in the first link of an older program's group
    signer    signer id; empty for the office's root
    """

    kind: str
    epoch: int
    public: bytes
    previous: bytes = b""
    key: bytes = b""
    joined: tuple[UUID, ...] = ()
    left: tuple[UUID, ...] = ()
    roster: bytes = b""
    signer: bytes = b""


class SignedLink(msgspec.Struct, frozen=True, array_like=True):
    """A link as it was signed."""

    link: bytes
    signature: bytes

    def digest(self) -> bytes:
        """Return the SHA-256 that the next link names."""
        return primitives.digest(self.link)


class StoredChain(msgspec.Struct, kw_only=True, frozen=True):
    """A group's chain as its row seals it. `public` is the group's newest public key."""

    links: tuple[SignedLink, ...]
    public: bytes


@dataclass(frozen=True)
class ChainState:
    """A group as the part of its chain that counts says it is.

    keys     commitment by epoch; an epoch without one was made by an older program
    members  people who were given the newest key, in the order in which they joined; empty for the office's own group
    holders  ids of everyone who knows the newest key: the members, and the member who signed a link of this epoch
    past_holders  ids of everyone who ever held a key of it
    digests  of the links that count, oldest first
    rosters  SHA-256 of rosters that the root vouches for
    is_legacy  the newest epoch is still the one in which the root took the group over from an older program
    public_key  the newest public key; empty when the stored one is not the one that the chain names
    problem  code of the reason why the links after these do not count; empty when all do
    """

    group: UUID
    kind: str
    epoch: int
    public: bytes = field(repr=False)
    keys: Mapping[int, bytes] = field(repr=False)
    members: tuple[UUID, ...] = ()
    holders: frozenset[UUID] = frozenset()
    past_holders: frozenset[UUID] = frozenset()
    digests: tuple[bytes, ...] = field(default=(), repr=False)
    rosters: frozenset[bytes] = field(default=frozenset(), repr=False)
    first_epoch: int = 1
    is_taken_over: bool = False
    public_key: bytes = field(default=b"", repr=False)
    problem: str = ""

    @property
    def head(self) -> bytes:
        """Return the digest of the newest link that counts; empty without a chain."""
        return self.digests[-1] if self.digests else b""

    @property
    def is_legacy(self) -> bool:
        """Return whether no key was made since an older program's group was taken over."""
        return self.is_taken_over and self.epoch == self.first_epoch

    def fits(self, key: GroupKey) -> bool:
        """Return whether a key is the one that the chain names for its epoch, as far as it names one."""
        named = self.keys.get(key.epoch)
        if named is None:
            return key.epoch < self.first_epoch or (self.is_taken_over and key.epoch == self.first_epoch)
        return primitives.is_equal(named, key.commitment())


@dataclass(frozen=True)
class Reader:
    """The basis that a chain is judged on: the office, its directory as just read, and the pinned key of its root."""

    org_id: UUID
    people: Directory
    root_public: bytes = field(repr=False)


def sign_link(link: Link, *, org_id: UUID, group: UUID, root: bytes = b"", member: bytes = b"") -> SignedLink:
    """Return the link signed by the office's root, or else by a member's own signing key."""
    signer = b"" if root else hybrid.signer_id(hybrid.derive_verify_key(member))
    body = msgspec.msgpack.encode(msgspec.structs.replace(link, signer=signer))
    return SignedLink(body, hybrid.sign(root or member, _signed_bytes(org_id, group, body)))


def read_chain(reader: Reader, group: UUID, links: Sequence[SignedLink], *, seen: bytes = b"") -> ChainState:
    """Return the group as its chain says. Raises NotEntitled when not even the first link counts.

    seen  digest of the newest link the reader accepted before: links up to it were judged then, and a chain without it
          went back or was exchanged
    """
    digests = tuple(link.digest() for link in links)
    if seen and seen not in digests:
        raise NotEntitled("went back", f"the chain of group {group} does not contain the link seen before")
    judged = digests.index(seen) + 1 if seen else 0
    state: ChainState | None = None
    for number, signed in enumerate(links):
        try:
            link = _decode_link(signed)
            after = _follow(state, group, link, digests[number])
            if number >= judged:
                after = _with_signer(after, _judge(reader, state, group, signed, link, digests[number:]))
            elif link.signer in reader.people.signers:
                after = _with_signer(after, reader.people.signers[link.signer].member_id)
            state = after
        except OpenFailed as exc:
            if state is None or number < judged:
                raise
            code = exc.code if isinstance(exc, NotEntitled) else "damaged"
            return replace(state, problem=code)
    if state is None:
        raise NotEntitled("empty", f"the chain of group {group} is empty")
    return state


def departed_holders(state: ChainState, people: Directory) -> frozenset[UUID]:
    """Return who still knows the group's newest key and should not: while there is one, it needs another key."""
    if state.kind == OFFICE:
        return frozenset()  # its next key is made in the transaction of the removal
    allowed = people.active_ids
    if state.kind == AUDITORS:
        allowed = frozenset(
            person.member_id
            for person in people.active_people
            if permissions.role_allows("read_audit", person.role, is_admin=person.is_admin)
        )
    elif state.kind == CONFLICT:
        allowed = frozenset(person.member_id for person in people.conflict_officers)
    return state.holders - allowed


def is_orphaned(state: ChainState, people: Directory) -> bool:
    """Return whether no member of the office has the newest key of a team or wall: only the recovery sheets open it."""
    return state.kind in {TEAM, WALL} and not state.holders & people.active_ids


def build_departure(
    people: Directory,
    member_id: UUID,
    states: Mapping[UUID, ChainState],
    rosters: Mapping[UUID, bytes],
    grants: Sequence[bytes],
) -> Departure:
    """Return what counts of an active member's signing key from now on. Raises NotFound.

    rosters  SHA-256 of each group's stored roster; grants: SHA-256 of each grant that was not collected yet
    """
    person = people.find_person(member_id)
    theirs = sorted(group for group, state in states.items() if member_id in state.holders and state.head)
    return Departure(
        signer=hybrid.signer_id(person.sign_public),
        role=person.role,
        is_admin=person.is_admin,
        heads=tuple((group, states[group].head) for group in theirs),
        items=(*(rosters[group] for group in theirs if group in rosters), *grants),
    )


def _signed_bytes(org_id: UUID, group: UUID, body: bytes) -> bytes:
    return LABELS["group link"] + org_id.bytes + group.bytes + body


def _decode_link(signed: SignedLink) -> Link:
    try:
        return msgspec.msgpack.decode(signed.link, type=Link)
    except (msgspec.MsgspecError, ValueError) as exc:
        raise NotEntitled("damaged", "a link does not read") from exc


def _follow(state: ChainState | None, group: UUID, link: Link, digest: bytes) -> ChainState:
    """Return the state after a link, by its content alone. Raises NotEntitled when it does not follow."""
    if state is None:
        if link.previous or link.left:
            raise NotEntitled("order", f"the first link of group {group} names an earlier one")
        state = ChainState(
            group,
            link.kind,
            link.epoch,
            link.public,
            {},
            first_epoch=link.epoch,
            is_taken_over=bool(link.roster) and not link.signer,
        )
    elif link.previous != state.head or link.kind != state.kind:
        raise NotEntitled("order", f"a link of group {group} does not follow the one before")
    known = state.keys.get(link.epoch, b"")
    if link.epoch == state.epoch:
        if link.left or link.public != state.public or known not in {b"", link.key}:
            raise NotEntitled("replaced", f"a link of group {group} gives epoch {link.epoch} another key")
        stayed = state.members
    elif link.epoch == state.epoch + 1 and link.key:
        stayed = tuple(member for member in state.members if member not in link.left)
    else:
        raise NotEntitled("order", f"a link of group {group} jumps to epoch {link.epoch}")
    members = tuple(dict.fromkeys((*stayed, *link.joined)))
    is_new = link.epoch > state.epoch
    is_vouched = bool(link.roster) and not link.signer
    return replace(
        state,
        epoch=link.epoch,
        public=link.public,
        members=members,
        keys={**state.keys, link.epoch: link.key} if link.key else state.keys,
        holders=frozenset(members) if is_new else state.holders | set(members),
        past_holders=state.past_holders | set(members),
        digests=(*state.digests, digest),
        rosters=state.rosters | {link.roster} if is_vouched else state.rosters,
    )


def _with_signer(state: ChainState, member_id: UUID | None) -> ChainState:
    """Return the state with the signer among those who know the key."""
    if member_id is None:
        return state
    return replace(state, holders=state.holders | {member_id}, past_holders=state.past_holders | {member_id})


def _judge(
    reader: Reader,
    before: ChainState | None,
    group: UUID,
    signed: SignedLink,
    link: Link,
    from_here: Sequence[bytes],
) -> UUID | None:
    """Return the member who signed a link, None for the root. Raises NotEntitled, OpenFailed.

    from_here  digests of this link and those after it: a departure that names one of them names this one too
    """
    content = _signed_bytes(reader.org_id, group, signed.link)
    if before is not None and link.kind not in ROOT_KINDS and set(link.left) & reader.people.active_ids:
        raise NotEntitled("left out", f"a link of group {group} leaves out people who are in the office")
    if not link.signer:
        authority.check_signature(reader.root_public, signed.signature, content)
        return None
    if link.kind in ROOT_KINDS:
        raise NotEntitled("root", f"a link of group {group} is not signed by the office's root")

    def is_named(left: Departure) -> bool:
        return any(named == group and head in from_here for named, head in left.heads)

    person = authority.verify_signer(reader.people, link.signer, signed.signature, content)
    capacities = authority.capacities(reader.people, link.signer, is_named)
    if before is None:
        act = MAKERS.get(link.kind, "")
        if not act or not any(permissions.role_allows(act, who.role, is_admin=who.is_admin) for who in capacities):
            raise NotEntitled("role", f"the first link of group {group} was signed by someone who may not make one")
    elif person.member_id not in before.holders:
        raise NotEntitled("member", f"a link of group {group} was signed by someone outside it")
    return person.member_id
