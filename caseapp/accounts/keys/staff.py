"""The keys a request holds, and who holds them."""

import datetime as dt
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec

from caseapp.lib import clock
from caseapp.vault.core import keyring as kinds
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
        """The newest epoch of each group with cases (team, wall, share), in the order of index locks."""
        return tuple(group for group in self._newest if group.kind in kinds.CASE_KINDS)

    @property
    def teams(self) -> tuple[GroupKey, ...]:
        """Groups a new case may belong to, in the order in which one came into them: no wall, no share."""
        order = list(dict.fromkeys(group.group for group in self.keyring.groups))
        return tuple(sorted(self.of_kind(kinds.TEAM), key=lambda group: order.index(group.group)))

    @cached_property
    def held(self) -> tuple[GroupKey, ...]:
        """Every key held, of all kinds and epochs, newest epochs first: what a file's wraps are tried with."""
        return tuple(sorted(self._valid, key=lambda group: (-group.epoch, group.group)))

    @property
    def past_groups(self) -> tuple[GroupKey, ...]:
        """The older epochs that are still held, newest first: files are wrapped for them until their next write."""
        return tuple(group for group in self.held if group not in self._newest)

    @property
    def office_group(self) -> GroupKey:
        """The group of everyone. Raises NoKey for somebody who was not let in yet."""
        found = self.of_kind(kinds.OFFICE)
        if not found:
            raise NoKey("office group")
        return found[0]

    def of_kind(self, kind: str) -> tuple[GroupKey, ...]:
        """The newest epoch of each group of one kind."""
        return tuple(group for group in self._newest if group.kind == kind)

    @cached_property
    def _newest(self) -> tuple[GroupKey, ...]:
        newest: dict[UUID, GroupKey] = {}
        for group in self._valid:
            if group.group not in newest or newest[group.group].epoch < group.epoch:
                newest[group.group] = group
        return tuple(newest[group_id] for group_id in sorted(newest))

    @property
    def _valid(self) -> list[GroupKey]:
        today = self.share_day
        return [group for group in self.keyring.groups if group.until is None or group.until >= today]

    @property
    def share_day(self) -> dt.date:
        """The day by which shares end: one lasts until its day is over in the last time zone of the world."""
        return (clock.now() - dt.timedelta(hours=12)).date()

    def plus(self, *groups: GroupKey) -> "Keys":
        """The same keys with further ones, for one act; nothing is kept."""
        known = [group for group in groups if group not in self.keyring.groups]
        if not known:
            return self
        wider = msgspec.structs.replace(self.keyring, groups=(*self.keyring.groups, *known))
        return Keys(self.org_id, self.member_id, self.bundle_key, wider)

    def take(self, changed: Keyring) -> None:
        """Go on with a changed keyring, after it was saved."""
        for name in Keyring.__struct_fields__:
            setattr(self.keyring, name, getattr(changed, name))
        for name in ("groups", "held", "_newest"):
            self.__dict__.pop(name, None)

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
class Presence:
    """The session somebody is in. `checked_at`: when passphrase, and the second factor if any, were last asked for.

    `renew_at`: when the cookie is due for a fresh one; never for one that was replaced already.
    """

    session: UUID
    checked_at: datetime
    has_factor: bool
    renew_at: datetime | None = None


@dataclass(frozen=True)
class Staff:
    """Who is signed in. `zone` is an IANA name; `theme` is auto, light or dark.

    `factor_due`: an admin who must set up a second factor before anything else. `locked_down`: the whole office is.
    """

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
    presence: Presence | None = None
    factor_due: bool = False
    locked_down: bool = False

    @property
    def org_id(self) -> UUID:
        """The office."""
        return self.keys.org_id

    @property
    def member_id(self) -> UUID:
        """The person."""
        return self.keys.member_id

    @property
    def is_waiting(self) -> bool:
        """Whether they made their account and no admin has let them in yet."""
        return not self.keys.of_kind(kinds.OFFICE)
