"""The keys of a request, and the signed-in member they belong to."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar, cast
from uuid import UUID

import msgspec

from caseapp.accounts.keys.findings import Finding
from caseapp.lib import clock
from caseapp.lib.countries import UNITED_STATES
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import NoKey

T = TypeVar("T")


@dataclass(frozen=True)
class Keys:
    """A member's opened keyring for the length of one request. Never stored, cached or logged."""

    org_id: UUID
    member_id: UUID
    bundle_key: bytes = field(repr=False)
    keyring: Keyring = field(repr=False)
    # What was opened with these keys: name -> (the stored state it was opened from, the result). It ends with them.
    _opened: dict[Hashable, tuple[object, object]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def open_once(self, name: Hashable, stored: object, open_it: Callable[[], T]) -> T:
        """Return what `open_it` opens; a repeat from the same stored state returns the first result.

        stored  all that the result depends on, as it was read just now: a row that changed meanwhile is opened anew
        """
        earlier = self._opened.get(name)
        if earlier is None or earlier[0] != stored:
            earlier = self._opened[name] = (stored, open_it())
        return cast(T, earlier[1])

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Read each row that `read_once` names only once inside the block: one page, in one transaction, of reads."""
        self.__dict__["_page_reads"] = {}
        try:
            yield
        finally:
            del self.__dict__["_page_reads"]

    def read_once(self, name: Hashable, read: Callable[[], T]) -> T:
        """Return what `read` returns; inside of `reading_once` a repeat returns the first result."""
        reads: dict[Hashable, object] | None = self.__dict__.get("_page_reads")
        if reads is None:
            return read()
        if name not in reads:
            reads[name] = read()
        return cast(T, reads[name])

    def opened_state(self, name: Hashable) -> object:
        """Return the stored state from which these keys opened something last; None if they did not."""
        return self._opened.get(name, (None, None))[0]

    @cached_property
    def groups(self) -> tuple[GroupKey, ...]:
        """Return the newest epoch of each group with cases (team, wall, share), in the order of index locks."""
        return tuple(group for group in self._newest if group.kind in kinds.CASE_KINDS)

    @property
    def teams(self) -> tuple[GroupKey, ...]:
        """Return the groups a new case may belong to (no wall, no share), in the order the member joined them."""
        order = list(dict.fromkeys(group.group for group in self.keyring.groups))
        return tuple(sorted(self.groups_of_kind(kinds.TEAM), key=lambda group: order.index(group.group)))

    @cached_property
    def held(self) -> tuple[GroupKey, ...]:
        """Return every unexpired key of the keyring, of all kinds and epochs, newest epochs first.

        A file's wraps are tried with these keys in this order.
        """
        return tuple(sorted(self._unexpired, key=lambda group: (-group.epoch, group.group)))

    def epochs_of(self, group_id: UUID) -> tuple[GroupKey, ...]:
        """Return every unexpired key of a group, newest epoch first."""
        return tuple(group for group in self.held if group.group == group_id)

    @property
    def office_epochs(self) -> tuple[GroupKey, ...]:
        """Return every key of the group that contains every member, newest epoch first. Raises NoKey."""
        return self.epochs_of(self.office_group.group)

    @property
    def office_group(self) -> GroupKey:
        """Return the key of the group that contains every member. Raises NoKey for a member not approved yet."""
        office_keys = self.groups_of_kind(kinds.OFFICE)
        if not office_keys:
            raise NoKey("office group")
        return office_keys[0]

    def groups_of_kind(self, kind: str) -> tuple[GroupKey, ...]:
        """Return the newest epoch of each group of one kind."""
        return tuple(group for group in self._newest if group.kind == kind)

    @cached_property
    def _newest(self) -> tuple[GroupKey, ...]:
        newest: dict[UUID, GroupKey] = {}
        for group in self._unexpired:
            if group.group not in newest or newest[group.group].epoch < group.epoch:
                newest[group.group] = group
        return tuple(newest[group_id] for group_id in sorted(newest))

    @property
    def _unexpired(self) -> list[GroupKey]:
        today = self.earliest_share_end
        return [group for group in self.keyring.groups if group.until is None or group.until >= today]

    @property
    def earliest_share_end(self) -> dt.date:
        """Return the earliest end day of a share that is still valid.

        A share lasts until its day is over in the last time zone of the world.
        """
        return (clock.now() - dt.timedelta(hours=12)).date()

    def with_extra_groups(self, *groups: GroupKey) -> "Keys":
        """Return the same keys with `groups` added, for one act; nothing is stored."""
        known = [group for group in groups if group not in self.keyring.groups]
        if not known:
            return self
        wider = msgspec.structs.replace(self.keyring, groups=(*self.keyring.groups, *known))
        return Keys(self.org_id, self.member_id, self.bundle_key, wider)

    def replace_keyring(self, changed: Keyring) -> None:
        """Continue with a changed keyring, after it was saved."""
        for name in Keyring.__struct_fields__:
            setattr(self.keyring, name, getattr(changed, name))
        for name in ("groups", "held", "_newest"):
            self.__dict__.pop(name, None)
        self._opened.clear()

    def note_older_directory(self) -> None:
        """Remember for this request that the office's directory was put back, so that its page says so."""
        self.__dict__["has_older_directory"] = True

    @cached_property
    def has_older_directory(self) -> bool:
        """Return whether the directory that this request read is older than one seen before."""
        return False

    def group(self, group_id: UUID, epoch: int | None = None) -> GroupKey:
        """Return the key of a group, by default of its newest epoch. Raises NoKey."""
        matching = [g for g in self.keyring.groups if g.group == group_id and epoch in {None, g.epoch}]
        if not matching:
            raise NoKey(f"group {group_id}")
        return max(matching, key=lambda g: g.epoch)

    @property
    def office_file(self) -> UUID:
        """Return the id of the office's own sealed file. Raises NoKey."""
        if self.keyring.office_file is None:
            raise NoKey("office file")
        return self.keyring.office_file


@dataclass(frozen=True)
class Presence:
    """The current session. `checked_at`: when passphrase, and the second factor if any, were last checked.

    renew_at  when the cookie is due for a fresh one; None for a cookie that was already replaced
    """

    session: UUID
    checked_at: datetime
    has_factor: bool
    renew_at: datetime | None = None


@dataclass(frozen=True)
class Staff:
    """The signed-in member. `zone` is an IANA name; `theme` is auto, light or dark.

    factor_due   the member is an admin who must set up a second factor before anything else
    locked_down  the whole office is locked down
    findings     keys for the member that were refused in this request
    country      the office's: US or FR
    shown_country  whose way of writing dates the member sees; empty: the office's
    letter_keys    whether single letters are keys on the member's pages
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
    findings: tuple[Finding, ...] = ()
    country: str = UNITED_STATES
    shown_country: str = ""
    letter_keys: bool = False

    @property
    def org_id(self) -> UUID:
        """Return the office's id."""
        return self.keys.org_id

    @property
    def member_id(self) -> UUID:
        """Return the member's id."""
        return self.keys.member_id

    @property
    def is_awaiting_approval(self) -> bool:
        """Return whether the member made their account and no admin has approved them yet."""
        return not self.keys.groups_of_kind(kinds.OFFICE)
