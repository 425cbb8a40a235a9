"""The two records every sealed file has: its table of contents and the list of who holds its key."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.vault.registry import Record, record_kind


@record_kind(100, schema=1)
class Head(Record, kw_only=True, omit_defaults=True):
    """Record id -> (version, SHA-256 of the sealed bytes): a row put back, swapped or left out shows.

    `past` lists replaced versions (record id, version, day of replacement) so that undo ends after 30 days without any
    date standing in clear.
    """

    entries: dict[UUID, tuple[int, bytes]] = msgspec.field(default_factory=dict)
    past: tuple[tuple[UUID, int, dt.date], ...] = ()


@record_kind(101, schema=1)
class Access(Record, kw_only=True, omit_defaults=True):
    """Who holds the file's key: (group id, epoch, slot of the wrap set). Sealed, so the server cannot read it."""

    grants: tuple[tuple[UUID, int, int], ...] = ()
