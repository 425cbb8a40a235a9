"""The state of a group's stored index: what the last look at its parts found, and how far a rebuild is.

One row a group, without content, member or time of day: `caseapp doctor` reads it without any key.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

WHOLE, REQUESTED, DAMAGED, REBUILDING = "whole", "requested", "damaged", "rebuilding"
INCOMPLETE: Final = frozenset({DAMAGED, REBUILDING})  # in these states rows may be missing


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """Case files looked at, of the total."""

    done: int = 0
    total: int = 0


NO_PROGRESS: Final = RebuildProgress()


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """The state of one group's index. `reached`: the last case file that a rebuild looked at."""

    group_id: UUID
    state: str
    checked_on: dt.date
    progress: RebuildProgress
    reached: UUID | None = None
