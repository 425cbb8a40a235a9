"""Record shape of an activity that outlives its case, such as a destruction certificate."""

import datetime as dt
from uuid import UUID

from caseapp.vault.registry import Record, keep_fields, record_kind


@record_kind(23, schema=2, upgrades={1: keep_fields})
class Activity(Record, kw_only=True, frozen=True, omit_defaults=True):
    """An act that stays on record after its subject is gone. It is stored in the office's own file.

    For a destroyed case, `subject` is the case id; `records` and `papers` count the records and documents it contained.
    It contains no person's name.
    """

    what: str  # shred, export_office
    on: dt.date
    subject: UUID
    ref: str = ""
    reason: str = ""
    closed_on: dt.date | None = None
    close_code: str = ""
    retain_until: dt.date | None = None
    records: int = 0
    papers: int = 0
    # Added in schema 2, for the export of an office: who asked and when is `entered_by` and `entered_at`.
    approved_by: UUID | None = None
    approved_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None  # refused or withdrawn
    is_alone: bool = False  # the office had one admin: it waits instead of being approved
