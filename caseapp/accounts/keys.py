"""The keys a request holds, and who holds them."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import NoKey


@dataclass(frozen=True)
class Keys:
    """A member's opened keyring for the length of one request. Never stored, cached or logged."""

    org_id: UUID
    member_id: UUID
    bundle_key: bytes = field(repr=False)
    keyring: Keyring = field(repr=False)

    @cached_property
    def groups(self) -> tuple[GroupKey, ...]:
        """The newest epoch of each group, in order of group id (the order in which index heads are locked)."""
        newest: dict[UUID, GroupKey] = {}
        for group in self.keyring.groups:
            if group.group not in newest or newest[group.group].epoch < group.epoch:
                newest[group.group] = group
        return tuple(newest[group_id] for group_id in sorted(newest))

    def group(self, group_id: UUID, epoch: int | None = None) -> GroupKey:
        """The key of a group, newest epoch by default. Raises NoKey."""
        found = [g for g in self.keyring.groups if g.group == group_id and epoch in {None, g.epoch}]
        if not found:
            raise NoKey(f"group {group_id}")
        return max(found, key=lambda g: g.epoch)

    @property
    def office_file(self) -> UUID:
        """The id of the office's own sealed file. Raises NoKey."""
        if self.keyring.office_file is None:
            raise NoKey("office file")
        return self.keyring.office_file


@dataclass(frozen=True)
class Staff:
    """Who is signed in. `zone` is an IANA name; `theme` is auto, light or dark."""

    keys: Keys
    name: str
    role: str
    is_admin: bool
    language: str
    zone: str
    office_name: str
    covered: bool
    theme: str
    recovery_pending: bool

    @property
    def org_id(self) -> UUID:
        """The office."""
        return self.keys.org_id

    @property
    def member_id(self) -> UUID:
        """The person."""
        return self.keys.member_id
