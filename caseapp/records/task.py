"""Record shape of a task."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(14, schema=1)
class Task(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A piece of work on a case; not a legal deadline."""

    text: str
    owner: UUID | None = None
    due_on: dt.date | None = None
    done_on: dt.date | None = None
    done_by: UUID | None = None
