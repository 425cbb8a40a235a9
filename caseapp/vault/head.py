"""The two records of every sealed file: its table of contents and its access list."""

import datetime as dt
import struct
from uuid import UUID

import msgspec

from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.registry import Record, keep_fields, record_kind


@record_kind(100, schema=1)
class Head(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Table of contents: record id -> (version, SHA-256 of the sealed bytes). Detects restored, swapped, missing rows.

    `past` lists replaced versions (record id, version, day of replacement), so that undo ends after 30 days without any
    unencrypted date.
    """

    entries: dict[UUID, tuple[int, bytes]] = msgspec.field(default_factory=dict)
    past: tuple[tuple[UUID, int, dt.date], ...] = ()


class Share(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A share of this file with one more member or one more group, until the last day in `key`.

    `key` belongs to a small group of its own. It is stored here so that any writer of the file can wrap a new key for
    it and write its index without a new grant. `group_epoch` is the epoch of `group` whose members know the key.
    """

    key: GroupKey
    member: UUID | None = None
    group: UUID | None = None
    by: UUID | None = None
    group_epoch: int = 1


@record_kind(101, schema=2, upgrades={1: keep_fields})
class Access(Record, kw_only=True, frozen=True, omit_defaults=True):
    """Access list of the file's key: (group id, epoch, slot of the wrap set) of each group. The server cannot read it.

    public     the home group's HPKE public key of `public_epoch`, for writers who have the file only by a share
    signer     signer id of the member of the home group who signed this list last; empty in one of an older program
    signature  Ed25519 over `access_statement`
    token_key  derives the tokens of the file's reminders; replaced with each new key of the file
    marked     decoy: no member has a reason to open it, so opening it raises an alert (`casefile/access_alerts.py`)
    conflict_since   the state of the conflict officers' group that the case's names were last written to; 0: never
    conflict_digest  SHA-256 of what was written then
    """

    grants: tuple[tuple[UUID, int, int], ...] = ()
    shares: tuple[Share, ...] = ()
    public: bytes = b""
    public_epoch: int = 0
    token_key: bytes = b""
    marked: bool = False
    signer: bytes = b""
    signature: bytes = b""
    conflict_since: int = 0
    conflict_digest: bytes = b""

    @property
    def home_group_id(self) -> UUID:
        """Return the id of the group that the file belongs to: the first group that is not a share."""
        shared = {share.key.group for share in self.shares}
        return next(group for group, _, _ in self.grants if group not in shared)


_STATEMENT = struct.Struct(">16s16sI16sI32s")
_SHARE = struct.Struct(">16s32s16s16sII")


def access_statement(org_id: UUID, file_id: UUID, kver: int, access: Access) -> bytes:
    """Return what a member of the home group signs: who this version of the file's key is for.

    "access/1" | office | file | key version | home group | its epoch | SHA-256 of its public key; then for each share,
    by id: id | commitment to its key | member or zeros | group or zeros | last day (ordinal, 0 for none) | group epoch
    """
    content = LABELS["case access"] + _STATEMENT.pack(
        org_id.bytes,
        file_id.bytes,
        kver,
        access.home_group_id.bytes,
        access.public_epoch,
        primitives.digest(access.public),
    )
    nobody = UUID(int=0)
    for share in sorted(access.shares, key=lambda share: share.key.group):
        content += _SHARE.pack(
            share.key.group.bytes,
            share.key.commitment(),
            (share.member or nobody).bytes,
            (share.group or nobody).bytes,
            share.key.until.toordinal() if share.key.until else 0,
            share.group_epoch,
        )
    return content
