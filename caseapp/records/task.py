"""Shapes of the case itself and of the work done on it."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(14, schema=1)
class Task(Record, kw_only=True, omit_defaults=True):
    """Something somebody does; not a legal deadline."""

    text: str
    owner: UUID | None = None
    due_on: dt.date | None = None
    done_on: dt.date | None = None
    done_by: UUID | None = None
