"""The two records every sealed file has: its table of contents and the list of who holds its key."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.registry import Record, record_kind


@record_kind(100, schema=1)
class Head(Record, kw_only=True, omit_defaults=True):
    """Record id -> (version, SHA-256 of the sealed bytes): a row put back, swapped or left out shows.

    `past` lists replaced versions (record id, version, day of replacement) so that undo ends after 30 days without any
    date standing in clear.
    """

    entries: dict[UUID, tuple[int, bytes]] = msgspec.field(default_factory=dict)
    past: tuple[tuple[UUID, int, dt.date], ...] = ()


class Share(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """This file for one more person, or for one more group, until the day in `key`.

    `key` is a small group of its own. It stands here so that whoever writes the file can wrap a new key for it and
    write its index, without a new grant. `group_epoch` is the epoch of `group` whose members know it.
    """

    key: GroupKey
    member: UUID | None = None
    group: UUID | None = None
    by: UUID | None = None
    group_epoch: int = 1


@record_kind(101, schema=1)
class Access(Record, kw_only=True, omit_defaults=True):
    """Who holds the file's key: (group id, epoch, slot of the wrap set). Sealed, so the server cannot read it.

    public     the home group's HPKE public key of `public_epoch`, for writers who hold the file by a share only
    token_key  makes the tokens of the file's reminders; another one with each new key of the file
    marked     nobody has reason to open it: whoever does is told of (`casework/unusual.py`)
    """

    grants: tuple[tuple[UUID, int, int], ...] = ()
    shares: tuple[Share, ...] = ()
    public: bytes = b""
    public_epoch: int = 0
    token_key: bytes = b""
    marked: bool = False

    @property
    def home(self) -> UUID:
        """The group the file belongs to: the first that is no share."""
        shared = {share.key.group for share in self.shares}
        return next(group for group, _, _ in self.grants if group not in shared)
