"""A member's keyring: their private keys, the office's pinned root key, and the keys of their groups.

Group membership is stored nowhere else: no table lists the members of a group.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed, UnknownFormat

K = TypeVar("K")
T = TypeVar("T")
NO_SHRED_HALF = bytes(32)

OFFICE, TEAM, WALL, SHARE, AUDITORS, CONFLICT = "office", "team", "wall", "share", "auditors", "conflict"
CASE_KINDS = (TEAM, WALL, SHARE)  # groups that case keys are wrapped for, each with its own index


class GroupKey(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A group's key of one epoch (32 bytes), and the private part of the group's HPKE pair if the member has it.

    `kind`: all members of the office; a team; a wall; one shared case (`until` is its last day); the readers of the
    audit trail; the members who check conflicts.
    """

    group: UUID
    epoch: int
    key: bytes
    role: str = "member"
    hpke_private: bytes = b""
    kind: str = TEAM
    until: dt.date | None = None

    def wrap_key(self, shred_half: bytes = NO_SHRED_HALF) -> bytes:
        """Return the key that wraps case keys; it differs for each case with its own shred half (32 bytes)."""
        return primitives.expand(self.key, LABELS["group wrap"] + shred_half)

    def index_key(self) -> bytes:
        """Return the key that seals the parts of the group's index."""
        return primitives.expand(self.key, LABELS["group index"])

    def roster_key(self) -> bytes:
        """Return the key that seals the group's signed roster."""
        return primitives.expand(self.key, LABELS["group roster"])

    def commitment(self) -> bytes:
        """Return the 32 bytes that tell this key from every other one without revealing anything of it."""
        key = primitives.expand(self.key, LABELS["group commitment"])
        return primitives.mac(key, self.group.bytes, self.epoch.to_bytes(4, "big"), self.hpke_private)

    def __repr__(self) -> str:
        return f"<GroupKey {self.group} epoch {self.epoch}>"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("group", str(self.group)), ("epoch", str(self.epoch))]


class ChainHead(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The newest link of a group's chain that a member has accepted: its SHA-256."""

    group: UUID
    digest: bytes


class Keyring(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A member's keys, as stored in the bundle. `org_root_private` is empty unless this member may sign rosters.

    `roster_version` is the highest version of the office's directory seen; it detects the restore of an older one.
    `heads` are the newest links seen of the chains of the member's groups; UNSET, and not stored, before the first.
    """

    hpke_private: bytes
    sign_private: bytes
    org_root_public: bytes
    org_root_private: bytes = b""
    groups: tuple[GroupKey, ...] = ()
    office_file: UUID | None = None
    roster_version: int = 0
    heads: tuple[ChainHead, ...] | msgspec.UnsetType = msgspec.UNSET

    def head_of(self, group_id: UUID) -> bytes:
        """Return the digest of the newest link seen of a group's chain; empty when none was."""
        heads = self.heads or ()
        return next((head.digest for head in heads if head.group == group_id), b"")

    def with_heads(self, digests: Mapping[UUID, bytes]) -> "Keyring":
        """Return the keyring with these newest links, by group, in place of the older ones."""
        kept = {head.group: head.digest for head in self.heads or ()} | dict(digests)
        heads = tuple(ChainHead(group=group, digest=digest) for group, digest in sorted(kept.items()))
        return msgspec.structs.replace(self, heads=heads or msgspec.UNSET)

    def encode(self) -> bytes:
        """Return the MessagePack map that the bundle seals."""
        return _encoder.encode(self)

    @classmethod
    def decode(cls, content: bytes) -> "Keyring":
        """Return the keyring from its map.

        Raises UnknownFormat, also for a field of a newer program, because saving would lose that field.
        """
        try:
            return _decoder.decode(content)
        except (msgspec.MsgspecError, ValueError):
            # ValueError: msgspec does not wrap the error of text that is not valid UTF-8.
            raise UnknownFormat("keyring does not read") from None  # the cause may quote the secret content

    def __repr__(self) -> str:
        return f"<Keyring of {len(self.groups)} group keys>"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("groups", str(len(self.groups)))]


def open_with_any(keys: Iterable[K], open_with: Callable[[K], T], *, what: str) -> T:
    """Return what the first fitting key opens; keys are tried in order: a group's newest epoch first.

    Raises NoKey without any key, else the OpenFailed or NoKey of the last one.
    """
    error: OpenFailed | NoKey = NoKey(what)
    for key in keys:
        try:
            return open_with(key)
        except (OpenFailed, NoKey) as exc:
            error = exc
    raise error


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Keyring)
