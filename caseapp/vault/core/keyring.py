"""What a member holds: own private keys, the office's pinned root, and the keys of the groups they are in.

Membership is nowhere else: there is no table of who is in which group.
"""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import UnknownFormat

NO_SHRED_HALF = bytes(32)


OFFICE, TEAM, WALL, SHARE, AUDITORS, CONFLICT = "office", "team", "wall", "share", "auditors", "conflict"
CASE_KINDS = (TEAM, WALL, SHARE)  # groups that cases are wrapped for, each with an index of its own


class GroupKey(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A group's key of one epoch (32 bytes), and the private part of the group's HPKE pair where held.

    `kind`: everyone of the office; a team; a wall; one case shared with somebody (`until` is its last day); those who
    read the audit; those who look for conflicts.
    """

    group: UUID
    epoch: int
    key: bytes
    role: str = "member"
    hpke_private: bytes = b""
    kind: str = TEAM
    until: dt.date | None = None

    def wrap_key(self, shred_half: bytes = NO_SHRED_HALF) -> bytes:
        """Wraps case keys; differs for each case that has a shred half (32 bytes) of its own."""
        return primitives.expand(self.key, LABELS["group wrap"] + shred_half)

    def index_key(self) -> bytes:
        """Seals the parts of the group's index."""
        return primitives.expand(self.key, LABELS["group index"])

    def token_key(self) -> bytes:
        """Makes the tokens of reminders."""
        return primitives.expand(self.key, LABELS["group token"])

    def roster_key(self) -> bytes:
        """Seals the group's signed roster."""
        return primitives.expand(self.key, LABELS["group roster"])

    def __repr__(self) -> str:
        return f"<GroupKey {self.group} epoch {self.epoch}>"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("group", str(self.group)), ("epoch", str(self.epoch))]


class Keyring(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A member's keys, as they stand in the bundle. `org_root_private` is empty unless this member may sign rosters.

    `roster_version` is the highest version of the office's directory seen, against one put back.
    """

    hpke_private: bytes
    sign_private: bytes
    org_root_public: bytes
    org_root_private: bytes = b""
    groups: tuple[GroupKey, ...] = ()
    office_file: UUID | None = None
    roster_version: int = 0

    def encode(self) -> bytes:
        """The MessagePack map that the bundle seals."""
        return _encoder.encode(self)

    @classmethod
    def decode(cls, content: bytes) -> "Keyring":
        """Raises UnknownFormat, also on a field of a newer program: saving would lose it."""
        try:
            return _decoder.decode(content)
        except (msgspec.MsgspecError, ValueError):
            # ValueError: text in it that is no UTF-8 is not wrapped by msgspec.
            raise UnknownFormat("keyring does not read") from None  # the cause may quote what it could not read

    def __repr__(self) -> str:
        return f"<Keyring of {len(self.groups)} group keys>"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("groups", str(len(self.groups)))]


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Keyring)
