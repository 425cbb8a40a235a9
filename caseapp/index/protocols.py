"""The interface of a request's keys that the index uses."""

from typing import Protocol
from uuid import UUID

from caseapp.vault.core.keyring import GroupKey


class GroupKeyHolder(Protocol):
    """The part of a request's keys (`accounts.keys.staff.Keys`) that the index uses."""

    @property
    def org_id(self) -> UUID:
        """Return the id of the office."""

    @property
    def member_id(self) -> UUID:
        """Return the id of the requesting member."""

    @property
    def groups(self) -> tuple[GroupKey, ...]:
        """Return the key of each group in its newest epoch."""

    def group(self, group_id: UUID, epoch: int | None = None) -> GroupKey:
        """Return the key of a group, of its newest epoch by default. Raises NoKey."""
