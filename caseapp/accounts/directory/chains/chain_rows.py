"""Rows of the groups' chains as bytes: opened, judged, sealed. No Django: `caseapp recover` uses them offline.

A group of an office that an older program made has a descriptor in place of a chain, signed by one of its members,
until an admin signs in (`anchoring.py`). In an office that is anchored a row without a chain counts for nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import msgspec

from caseapp.accounts.directory import signed_lists
from caseapp.accounts.directory.chains import chain
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.chains.chain import ChainState, Reader, StoredChain
from caseapp.accounts.directory.records import Descriptor
from caseapp.vault.core import blob, primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

LEGACY_LABEL, CHAIN_LABEL = LABELS["group descriptor"], LABELS["group chain"]
PADDING = 1024


def seal_chain(office: GroupKey, org_id: UUID, group_id: UUID, version: int, stored: StoredChain) -> bytes:
    """Return the sealed bytes of a chain's row, under the office's newest key."""
    content = msgspec.msgpack.encode(stored)
    return blob.seal_blob(office.roster_key(), CHAIN_LABEL, (org_id, group_id), content, version=version, step=PADDING)


def open_stored(
    offices: Sequence[GroupKey], org_id: UUID, group_id: UUID, version: int, sealed: bytes
) -> StoredChain | signed_lists.Signed:
    """Return the chain in a row, or the signed descriptor of an older program. Raises OpenFailed.

    offices  the office group's keys, newest first
    """
    ids = (org_id, group_id)
    for office in offices:
        try:
            plain = blob.open_blob(office.roster_key(), CHAIN_LABEL, ids, sealed, version=version, step=PADDING)
            return msgspec.msgpack.decode(plain, type=StoredChain)
        except OpenFailed:
            continue
        except msgspec.MsgspecError as exc:
            raise OpenFailed(f"the chain of group {group_id} does not read") from exc
    problem = OpenFailed("no key for the office's groups")
    for office in offices:
        try:
            return signed_lists.open_signed(office.roster_key(), LEGACY_LABEL, *ids, version, sealed)
        except OpenFailed as exc:
            problem = exc
    raise problem


def judge_stored(
    reader: Reader, group_id: UUID, version: int, stored: StoredChain | signed_lists.Signed, *, seen: bytes = b""
) -> ChainState:
    """Return the state of the group. Raises OpenFailed (NotEntitled) when nothing of its row counts.

    seen  digest of the newest link of the chain that the reader accepted before
    """
    if isinstance(stored, StoredChain):
        state = chain.read_chain(reader, group_id, stored.links, seen=seen)
        fits = primitives.digest(stored.public) == state.public
        return replace(state, public_key=stored.public if fits else b"")
    if reader.people.anchored:
        raise NotEntitled("no chain", f"group {group_id} has no chain, and its office is anchored")
    known = verify_descriptor(reader, group_id, version, stored)
    listed = frozenset(known.members)
    return ChainState(
        known.group,
        known.kind,
        known.epoch,
        primitives.digest(known.public),
        {},
        members=known.members,
        holders=listed,
        past_holders=listed,
        first_epoch=known.epoch,
        is_taken_over=True,
        public_key=known.public,
    )


def verify_descriptor(reader: Reader, group_id: UUID, version: int, signed: signed_lists.Signed) -> Descriptor:
    """Return the descriptor of an older program if a person of the directory signed it. Raises OpenFailed."""
    ids = (reader.org_id, group_id, version)
    body = signed_lists.verify_member(signed, LEGACY_LABEL, *ids, reader.people.verifiers)
    return msgspec.msgpack.decode(body, type=Descriptor)
