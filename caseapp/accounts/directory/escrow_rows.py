"""Formats of the files and rows for the recovery shares. No Django: the shares are used offline.

row      HPKE to the office's recovery key of MessagePack {key | root, office_file}, padded to 512 bytes;
         info = "cover/1" | office | row id;  row id = SHA-256("cover/1" | group | epoch u32)[:16], root: office, 0
test     JSON {rows, code}: the code is sealed under info "recovery-test/1" | office, shown only if all rows open
request  JSON of a member who lost access: ids, new public keys, all rows, rosters and descriptors as stored
answer   HPKE to the member's new key of signature 64 | MessagePack, padded to 1 KiB; info = "return/1" | office |
         return | member; the office's root signs info | SHA-256 of the padded map
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import msgspec

from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.hybrid import KeyPair
from caseapp.vault.core.keyring import OFFICE, GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

ROW_PADDING, ANSWER_PADDING = 512, 1024
T = TypeVar("T")


class EscrowedKey(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The content of one escrow row: a group's key, or the office's root."""

    key: GroupKey | None = None
    root: bytes = b""
    office_file: UUID | None = None

    def __repr__(self) -> str:
        return "<Covered>"


class EscrowRow(msgspec.Struct, kw_only=True, frozen=True):
    """An escrow row as stored."""

    id: UUID
    sealed: bytes


class OpenedEscrow(msgspec.Struct, kw_only=True, frozen=True):
    """The content of all escrow rows of an office."""

    root: bytes
    office_file: UUID
    keys: tuple[GroupKey, ...]

    @property
    def office_keys(self) -> tuple[GroupKey, ...]:
        """Return the keys of the group that contains every member, newest first. Raises OpenFailed without one."""
        office_keys = [key for key in self.keys if key.kind == OFFICE]
        if not office_keys:
            raise OpenFailed("the office's own key is not among the recovery rows")
        return tuple(sorted(office_keys, key=lambda key: -key.epoch))

    def __repr__(self) -> str:
        return f"<Opened {len(self.keys)} keys>"


encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


def row_id(group: UUID, epoch: int) -> UUID:
    """Return the id of a key's escrow row; the root's row has the office's id and epoch 0."""
    return UUID(bytes=primitives.digest(LABELS["cover"] + group.bytes + epoch.to_bytes(4, "big"))[:16])


def seal_row(org: UUID, row: UUID, covered: EscrowedKey, public: bytes) -> bytes:
    """Return the sealed bytes of an escrow row."""
    return hybrid.seal_to(public, primitives.add_padding(encoder.encode(covered), ROW_PADDING), _row_context(org, row))


def open_rows(org: UUID, rows: Iterable[EscrowRow], pair: KeyPair) -> OpenedEscrow:
    """Open all escrow rows. Raises OpenFailed if one does not open (shares of another set) or the root is missing."""
    keys, root = [], EscrowedKey()
    for row in rows:
        plain = hybrid.open_from(pair.private, row.sealed, _row_context(org, row.id))
        covered = decode_msgpack(primitives.remove_padding(plain, ROW_PADDING, what="recovery row"), EscrowedKey)
        if covered.key is not None and row.id == row_id(covered.key.group, covered.key.epoch):
            keys.append(covered.key)
        elif covered.root and row.id == row_id(org, 0):
            root = covered
        else:
            raise OpenFailed("a recovery row stands in another's place")
    if not root.root or root.office_file is None:
        raise OpenFailed("the office's root is not among the recovery rows")
    return OpenedEscrow(root=root.root, office_file=root.office_file, keys=tuple(keys))


def _row_context(org: UUID, row: UUID) -> bytes:
    return LABELS["cover"] + org.bytes + row.bytes


def decode_msgpack(content: bytes, shape: type[T]) -> T:
    """Return the struct in an opened content. Raises OpenFailed."""
    try:
        return msgspec.msgpack.decode(content, type=shape)
    except (msgspec.MsgspecError, ValueError):
        raise OpenFailed("what was sealed does not read") from None
