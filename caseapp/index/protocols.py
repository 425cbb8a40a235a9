"""Writing a group's index: a part a save, as the last statement of the case's transaction."""

from typing import Protocol
from uuid import UUID

from caseapp.vault.core.keyring import GroupKey


class Keys(Protocol):
    """What the index asks of a request's keys (`accounts.keys.Keys`)."""

    @property
    def org_id(self) -> UUID:
        """The office."""

    @property
    def member_id(self) -> UUID:
        """Who asks."""

    @property
    def groups(self) -> tuple[GroupKey, ...]:
        """The newest epoch of each group."""

    def group(self, group_id: UUID, epoch: int | None = None) -> GroupKey:
        """The key of a group; raises NoKey."""
