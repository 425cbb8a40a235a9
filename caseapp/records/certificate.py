"""Shapes of the case itself and of the work done on it."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, record_kind


@record_kind(23, schema=1)
class Activity(Record, kw_only=True, omit_defaults=True):
    """Something done that is told after what it was done to is gone. It stands in the office's own file.

    Of a destroyed case: `subject` its id, `records` and `papers` how many it held. No name of anybody.
    """

    what: str  # shred
    on: dt.date
    subject: UUID
    ref: str = ""
    reason: str = ""
    closed_on: dt.date | None = None
    close_code: str = ""
    retain_until: dt.date | None = None
    records: int = 0
    papers: int = 0
